<?php

declare(strict_types=1);

// php examples/php/test.php, while `ecps-wallet control --with-provider` runs.

function control(string $method, string $path, ?array $body = null): array
{
    $curl = curl_init((getenv('PSC_CONTROL') ?: 'http://localhost:8006/control/v1') . $path);
    curl_setopt_array($curl, [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => [
            'Content-Type: application/json',
            'Ecps-Control-Secret: ' . getenv('ECPS_CONTROL_SECRET'),
        ],
    ] + ($body === null ? [] : [CURLOPT_POSTFIELDS => json_encode($body ?: new stdClass())]));
    $text = curl_exec($curl);
    if ($text === false || curl_getinfo($curl, CURLINFO_RESPONSE_CODE) >= 400) {
        throw new RuntimeException("$method $path: " . ($text ?: curl_error($curl)));
    }
    return $text === '' ? [] : json_decode($text, true, flags: JSON_THROW_ON_ERROR);
}

function expect(string $what, mixed $wanted, mixed $seen): void
{
    if ($wanted !== $seen) {
        fwrite(STDERR, "not ok: $what: expected " . json_encode($wanted) . ', saw '
            . json_encode($seen, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES) . "\n");
        exit(1);
    }
    echo "ok: $what\n";
}

// The service under test, by PHP's own server on a free port.
$socket = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
fclose($socket);
$service = "http://localhost:$port";
$clientId = 'php-' . bin2hex(random_bytes(4));
$client = control('POST', '/provider/clients', [
    'client_id' => $clientId,
    'client_name' => 'Dossier de demonstration',
    'redirect_uris' => ["$service/callback"],
]);
$server = proc_open(
    [PHP_BINARY, '-S', "localhost:$port", __DIR__ . '/service.php'],
    [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']],
    $pipes,
    null,
    getenv() + [
        'PSC_DISCOVERY' => control('GET', '/place')['discovery_url'],
        'PSC_CLIENT_ID' => $clientId,
        'PSC_CLIENT_SECRET' => $client['client_secret'],
        'PSC_REDIRECT_URI' => "$service/callback",
    ],
);
register_shutdown_function(fn () => proc_terminate($server));
while (!@fsockopen('localhost', $port)) {
    usleep(20_000);
}

$person = control('POST', '/provider/people', [])['national_id'];
$phone = control('POST', '/phones', ['national_id' => $person])['phone_id'];
$login = fn (array $more = []) => control(
    'POST', '/logins', ['url' => "$service/login", 'national_id' => $person] + $more
);

$signedIn = $login();
expect('a professional signs in with the phone', 200, $signedIn['status'] ?: $signedIn['failure']);

control('PUT', "/phones/$phone/script", ['then' => ['do' => 'refuse']]);
expect('a refusal on the phone is told to the service', 'Refused: access_denied',
    $login(['gives_up' => true])['text']);

control('PUT', "/phones/$phone/script", []);
control('POST', '/provider/faults', [
    'fault' => 'id_token_wrong_nonce', 'client_id' => $clientId, 'times' => 1,
]);
expect('a token with a wrong nonce is not believed', 502, $login()['status']);

<?php

declare(strict_types=1);

/** What a service says to Pro Santé Connect: the steps of the code flow, without a framework. */
final class Oidc
{
    /** @var array<string, mixed> */
    private array $provider;

    public function __construct(
        string $discovery,
        private string $clientId,
        private string $secret,
        private string $redirectUri,
    ) {
        $this->provider = self::http('GET', $discovery);
    }

    /** Where the browser goes; what was drawn for this sign-in is kept in the session. */
    public function begin(array &$session): string
    {
        foreach (['state', 'nonce', 'verifier'] as $name) {
            $session[$name] = self::base64url(random_bytes(32));
        }
        return $this->provider['authorization_endpoint'] . '?' . http_build_query([
            'response_type' => 'code',
            'client_id' => $this->clientId,
            'redirect_uri' => $this->redirectUri,
            'scope' => 'openid scope_all',
            'acr_values' => 'eidas1',
            'state' => $session['state'],
            'nonce' => $session['nonce'],
            'code_challenge' => self::base64url(hash('sha256', $session['verifier'], true)),
            'code_challenge_method' => 'S256',
        ]);
    }

    /**
     * Who signed in: userinfo, once the ID token is believed.
     *
     * @throws Refused the person or the provider refused
     * @throws RuntimeException an answer cannot be believed
     */
    public function finish(array $query, array &$session): array
    {
        ['state' => $state, 'nonce' => $nonce, 'verifier' => $verifier] = $session
            + ['state' => '', 'nonce' => '', 'verifier' => ''];
        $session = []; // a sign-in is finished once
        if ($state === '' || !hash_equals($state, (string) ($query['state'] ?? ''))) {
            throw new RuntimeException('this sign-in did not begin here');
        }
        if (($query['iss'] ?? $this->provider['issuer']) !== $this->provider['issuer']) {
            throw new RuntimeException('another provider answered'); // RFC 9207
        }
        if (isset($query['error'])) {
            throw new Refused((string) $query['error']);
        }
        $tokens = self::http('POST', $this->provider['token_endpoint'], [
            'grant_type' => 'authorization_code',
            'code' => $query['code'],
            'redirect_uri' => $this->redirectUri,
            'code_verifier' => $verifier,
        ], 'Basic ' . base64_encode(urlencode($this->clientId) . ':' . urlencode($this->secret)));
        $claims = $this->believe($tokens['id_token'], $nonce);
        $person = self::http(
            'GET', $this->provider['userinfo_endpoint'], null, 'Bearer ' . $tokens['access_token']
        );
        if ($person['sub'] !== $claims['sub']) {
            throw new RuntimeException('userinfo is about somebody else');
        }
        return $person;
    }

    /** The claims of an ID token (OpenID Connect Core, 3.1.3.7). */
    private function believe(string $token, string $nonce): array
    {
        [$head, $body, $signature] = explode('.', $token);
        $header = json_decode(self::unbase64url($head), true);
        $claims = json_decode(self::unbase64url($body), true);
        if ($header['alg'] !== 'RS256') {
            throw new RuntimeException('the ID token is not signed by RS256');
        }
        $keys = self::http('GET', $this->provider['jwks_uri'])['keys'];
        $key = array_values(array_filter($keys, fn ($k) => $k['kid'] === ($header['kid'] ?? null)));
        $checked = $key ? openssl_verify(
            "$head.$body", self::unbase64url($signature), self::pem($key[0]), OPENSSL_ALGO_SHA256
        ) : 0;
        return match (true) {
            $checked !== 1 => throw new RuntimeException('the signature does not hold'),
            $claims['iss'] !== $this->provider['issuer'] => throw new RuntimeException('iss'),
            $claims['aud'] !== $this->clientId => throw new RuntimeException('aud'),
            $claims['exp'] <= time() => throw new RuntimeException('the ID token is too old'),
            !hash_equals($nonce, $claims['nonce'] ?? '') => throw new RuntimeException('nonce'),
            default => $claims,
        };
    }

    /** An RSA key of a JWKS as openssl reads it. */
    private static function pem(array $jwk): string
    {
        $integer = function (string $bytes): string {
            $bytes = ltrim($bytes, "\0");
            return self::der("\x02", (ord($bytes[0]) > 0x7F ? "\0" : '') . $bytes);
        };
        $numbers = $integer(self::unbase64url($jwk['n'])) . $integer(self::unbase64url($jwk['e']));
        $rsa = hex2bin('300d06092a864886f70d0101010500'); // rsaEncryption, NULL
        $key = self::der("\x30", $rsa . self::der("\x03", "\0" . self::der("\x30", $numbers)));
        return "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($key), 64, "\n")
            . "-----END PUBLIC KEY-----\n";
    }

    private static function der(string $tag, string $content): string
    {
        $length = strlen($content);
        $bytes = ltrim(pack('N', $length), "\0");
        return $tag . ($length < 0x80 ? chr($length) : chr(0x80 | strlen($bytes)) . $bytes) . $content;
    }

    private static function http(
        string $method, string $url, ?array $form = null, string $authorization = ''
    ): array {
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 10,
            CURLOPT_HTTPHEADER => $authorization ? ["Authorization: $authorization"] : [],
        ] + ($form === null ? [] : [CURLOPT_POSTFIELDS => http_build_query($form)]));
        $text = curl_exec($curl);
        if ($text === false || curl_getinfo($curl, CURLINFO_RESPONSE_CODE) !== 200) {
            throw new RuntimeException("$url: " . ($text === false ? curl_error($curl) : $text));
        }
        return json_decode($text, true, flags: JSON_THROW_ON_ERROR);
    }

    private static function base64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }

    private static function unbase64url(string $text): string
    {
        return base64_decode(strtr($text, '-_', '+/'));
    }
}

/** The person or the provider refused: an error of RFC 6749, 4.1.2.1. */
final class Refused extends RuntimeException
{
}

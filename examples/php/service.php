<?php

declare(strict_types=1);

require __DIR__ . '/oidc.php';

session_start();
$oidc = new Oidc(
    getenv('PSC_DISCOVERY'),
    getenv('PSC_CLIENT_ID'),
    getenv('PSC_CLIENT_SECRET'),
    getenv('PSC_REDIRECT_URI'),
);

switch (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
    case '/login':
        header('Location: ' . $oidc->begin($_SESSION), response_code: 302);
        break;
    case '/callback':
        try {
            $person = $oidc->finish($_GET, $_SESSION);
            echo "Bonjour {$person['given_name']} {$person['family_name']}";
        } catch (Refused $refused) {
            http_response_code(403);
            echo 'Refused: ' . $refused->getMessage();
        } catch (RuntimeException $error) {
            http_response_code(502);
            echo 'Pro Santé Connect cannot be believed: ' . $error->getMessage();
        }
        break;
    default:
        http_response_code(404);
}

package example;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.claims.ACR;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A service that signs professionals in: `/login`, and `/callback`, which greets them. */
public final class PscService implements AutoCloseable {
  private record Begun(Nonce nonce, CodeVerifier verifier) {}

  private final Map<State, Begun> begun = new ConcurrentHashMap<>();
  private final HttpServer server;
  private final OIDCProviderMetadata provider;
  private final ClientID clientId;
  private final Secret secret;

  /** @param discovery Pro Santé Connect's, `…/.well-known/wallet-openid-configuration`. */
  public PscService(HttpServer server, URI discovery, String clientId, String secret)
      throws Exception {
    this.server = server;
    this.clientId = new ClientID(clientId);
    this.secret = new Secret(secret);
    var document = new HTTPRequest(HTTPRequest.Method.GET, discovery).send();
    provider = OIDCProviderMetadata.parse(document.getBodyAsJSONObject());
    server.createContext("/login", exchange -> answer(exchange, this::login));
    server.createContext("/callback", exchange -> answer(exchange, this::callback));
    server.start();
  }

  public static HttpServer listen() throws IOException {
    return HttpServer.create(new InetSocketAddress("localhost", 0), 0);
  }

  public static URI address(HttpServer server, String path) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + path);
  }

  private void login(HttpExchange exchange) throws Exception {
    var state = new State();
    var begins = new Begun(new Nonce(), new CodeVerifier());
    begun.put(state, begins);
    var request =
        new AuthenticationRequest.Builder(
                ResponseType.CODE, new Scope("openid", "scope_all"), clientId,
                address(server, "/callback"))
            .endpointURI(provider.getAuthorizationEndpointURI())
            .acrValues(List.of(new ACR("eidas1")))
            .state(state)
            .nonce(begins.nonce())
            .codeChallenge(begins.verifier(), CodeChallengeMethod.S256)
            .build();
    exchange.getResponseHeaders().set("Location", request.toURI().toString());
    exchange.sendResponseHeaders(302, -1);
  }

  private void callback(HttpExchange exchange) throws Exception {
    var response = AuthorizationResponse.parse(exchange.getRequestURI());
    var begins = response.getState() == null ? null : begun.remove(response.getState());
    if (begins == null) {
      say(exchange, 400, "This sign-in did not begin here.");
      return;
    }
    if (!response.indicatesSuccess()) {
      say(exchange, 403, "Refused: " + response.toErrorResponse().getErrorObject().getCode());
      return;
    }
    var grant =
        new AuthorizationCodeGrant(
            response.toSuccessResponse().getAuthorizationCode(),
            address(server, "/callback"),
            begins.verifier());
    var asked =
        new TokenRequest.Builder(
                provider.getTokenEndpointURI(), new ClientSecretBasic(clientId, secret), grant)
            .build();
    var answered = OIDCTokenResponseParser.parse(asked.toHTTPRequest().send()).toSuccessResponse();
    var tokens = ((OIDCTokenResponse) answered).getOIDCTokens();
    new IDTokenValidator(
            provider.getIssuer(), clientId, JWSAlgorithm.RS256, provider.getJWKSetURI().toURL())
        .validate(tokens.getIDToken(), begins.nonce());
    var person =
        UserInfoResponse.parse(
                new UserInfoRequest(provider.getUserInfoEndpointURI(), tokens.getAccessToken())
                    .toHTTPRequest().send())
            .toSuccessResponse().getUserInfo();
    say(exchange, 200, "Bonjour " + person.getGivenName() + " " + person.getFamilyName());
  }

  private interface Handler {
    void handle(HttpExchange exchange) throws Exception;
  }

  private static void answer(HttpExchange exchange, Handler handler) throws IOException {
    try {
      handler.handle(exchange);
    } catch (Exception error) {
      say(exchange, 502, "Pro Santé Connect cannot be believed: " + error.getMessage());
    } finally {
      exchange.close();
    }
  }

  private static void say(HttpExchange exchange, int status, String text) throws IOException {
    var body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

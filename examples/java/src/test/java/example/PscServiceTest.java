package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.minidev.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PscServiceTest {
  private final Control control = new Control();
  private String clientId;
  private String person;
  private String phone;
  private HttpServer server;
  private PscService service;

  @BeforeEach
  void startTheService() throws Exception {
    server = PscService.listen();
    clientId = "java-" + UUID.randomUUID();
    var client =
        control.post(
            "/provider/clients",
            Map.of(
                "client_id", clientId,
                "client_name", "Dossier de demonstration",
                "redirect_uris", List.of(PscService.address(server, "/callback").toString())));
    var discovery = URI.create(control.get("/place").getAsString("discovery_url"));
    service = new PscService(server, discovery, clientId, client.getAsString("client_secret"));
    person = control.post("/provider/people", Map.of()).getAsString("national_id");
    phone = control.post("/phones", Map.of("national_id", person)).getAsString("phone_id");
  }

  @AfterEach
  void stopTheService() {
    service.close();
  }

  private JSONObject login(Map<String, ?> more) throws Exception {
    var asked = new JSONObject(Map.of("national_id", person));
    asked.put("url", PscService.address(server, "/login").toString());
    asked.putAll(more);
    return control.post("/logins", asked);
  }

  @Test
  void aProfessionalSignsInWithThePhone() throws Exception {
    var login = login(Map.of());
    assertEquals(200, login.getAsNumber("status").intValue(), login.getAsString("failure"));
    assertTrue(login.getAsString("text").startsWith("Bonjour "));
  }

  @Test
  void aRefusalOnThePhoneIsToldToTheService() throws Exception {
    control.put("/phones/" + phone + "/script", Map.of("then", Map.of("do", "refuse")));
    var login = login(Map.of("gives_up", true));
    assertEquals("Refused: access_denied", login.getAsString("text"));
  }

  @Test
  void aTokenWithAWrongNonceIsNotBelieved() throws Exception {
    control.post(
        "/provider/faults",
        Map.of("fault", "id_token_wrong_nonce", "client_id", clientId, "times", 1));
    assertEquals(502, login(Map.of()).getAsNumber("status").intValue());
  }
}

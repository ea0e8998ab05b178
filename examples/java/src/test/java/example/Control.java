package example;

import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import net.minidev.json.JSONObject;

/** The control API of `ecps-wallet control`: people, phones, faults, logins. */
final class Control {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String base =
      System.getenv().getOrDefault("PSC_CONTROL", "http://localhost:8006/control/v1");
  private final String secret = System.getenv().getOrDefault("ECPS_CONTROL_SECRET", "");

  JSONObject get(String path) throws Exception {
    return send("GET", path, HttpRequest.BodyPublishers.noBody());
  }

  JSONObject post(String path, Map<String, ?> body) throws Exception {
    return send("POST", path, publish(body));
  }

  JSONObject put(String path, Map<String, ?> body) throws Exception {
    return send("PUT", path, publish(body));
  }

  private static HttpRequest.BodyPublisher publish(Map<String, ?> body) {
    return HttpRequest.BodyPublishers.ofString(JSONObject.toJSONString(body));
  }

  private JSONObject send(String method, String path, HttpRequest.BodyPublisher body)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Ecps-Control-Secret", secret)
            .header("Content-Type", "application/json")
            .method(method, body)
            .build();
    var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 400) {
      throw new AssertionError(method + " " + path + ": " + answer.body());
    }
    return JSONObjectUtils.parse(answer.body());
  }
}

/* Asks a security key on behalf of a form: fetches what to ask, fills the answer in, and posts the
   form as any other. The button appears where this script runs, in place of the words that it is needed. */
"use strict";

(() => {
  const form = document.getElementById("key-form");
  const button = document.getElementById("key-button");
  const problem = document.getElementById("key-problem");
  const progress = document.getElementById("key-progress");
  const words = form.dataset;

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

  const toText = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");

  const tell = (text) => {
    problem.textContent = text;
    problem.hidden = false;
  };

  /* What a browser hands over holds buffers: they are written as base64url, as `toJSON` does,
     which older browsers lack. */
  const written = (credential) => {
    const { response } = credential;
    const members = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) {
        members[name] = toText(response[name]);
      }
    }
    if (response.getTransports) {
      members.transports = response.getTransports();
    }
    const { id, type } = credential;
    return JSON.stringify({ id, rawId: toText(credential.rawId), type, response: members });
  };

  const read = (options) => {
    options.challenge = toBytes(options.challenge);
    if (options.user) {
      options.user.id = toBytes(options.user.id);
    }
    for (const known of options.excludeCredentials ?? []) {
      known.id = toBytes(known.id);
    }
    return options;
  };

  const ask = async (publicKey) =>
    words.ceremony === "create"
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey });

  const reasonOf = (error, isLate) => {
    const reasons = {
      NotAllowedError: isLate ? words.late : words.cancelled,
      AbortError: words.cancelled,
      InvalidStateError: words.known,
      SecurityError: words.insecure,
      NotSupportedError: words.unfit,
      ConstraintError: words.unfit,
    };
    return reasons[error.name] || words.failed;
  };

  const perform = async () => {
    const answer = await fetch(words.options, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) {
      tell(words.gone);
      return;
    }
    const options = read(await answer.json());
    const end = performance.now() + options.timeout;
    try {
      form.elements.answer.value = written(await ask(options));
    } catch (error) {
      tell(reasonOf(error, performance.now() >= end));
      return;
    }
    form.submit();
  };

  const begin = async (event) => {
    if (!form.checkValidity()) {
      return; // the server says what is missing
    }
    event.preventDefault();
    problem.hidden = true;
    progress.textContent = words.waiting;
    button.disabled = true;
    try {
      await perform();
    } catch {
      tell(words.failed);
    }
    progress.textContent = "";
    button.disabled = false;
  };

  document.getElementById("key-without-scripts").hidden = true;
  if (!window.isSecureContext) {
    tell(words.insecure);
  } else if (!window.PublicKeyCredential) {
    tell(words.unsupported);
  } else {
    button.hidden = false;
    form.addEventListener("submit", begin);
  }
})();

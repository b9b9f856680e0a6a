/* Asks the browser for a passkey, or to make one, and sends its answer with the form that the button stands in.
   Without a script, or in a browser that knows no passkeys, the button is not there. */
"use strict";
(() => {
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };

  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function understood(options) {
    const key = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
    if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
    if (key.allowCredentials) key.allowCredentials = named(key.allowCredentials);
    if (key.excludeCredentials) key.excludeCredentials = named(key.excludeCredentials);
    return { publicKey: key };
  }

  function written(credential) {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  async function ask(button) {
    const form = button.form;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const answer = await fetch(button.dataset.challenge, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`challenge: ${answer.status}`);
    const options = understood(await answer.json());
    const make = button.dataset.passkey === "make";
    const credential = make ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
    form.elements[button.dataset.field].value = written(credential);
    form.submit();
  }

  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.closest("[hidden]").hidden = false;
    const said = document.getElementById(button.dataset.said);
    button.addEventListener("click", () => {
      said.textContent = "";
      button.disabled = true;
      ask(button)
        .catch(() => {
          said.textContent = button.dataset.failed;
        })
        .finally(() => {
          button.disabled = false;
        });
    });
  }
})();

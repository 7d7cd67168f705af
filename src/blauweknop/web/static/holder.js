/* Passkeys of Mijn Blauwe Knop, and a button that prints. Every page works without it, by a passphrase. */
"use strict";
(() => {
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.querySelector("button").addEventListener("click", () => window.print());
  }

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const secretOf = (credential) => credential.getClientExtensionResults().prf?.results?.first;

  const ask = async (form) => {
    const body = new URLSearchParams({ purpose: form.dataset.passkey, _csrf_token: form.elements._csrf_token.value });
    const answer = await fetch(form.dataset.question, { method: "POST", body, credentials: "same-origin" });
    if (answer.status === 401) {
      window.location.assign(form.dataset.again);
      return null;
    }
    if (!answer.ok) throw new Error("no question");
    return answer.json();
  };

  const use = (options, allowed) => navigator.credentials.get({
    publicKey: {
      challenge: bytes(options.challenge),
      rpId: options.rpId,
      timeout: options.timeout,
      userVerification: "required",
      allowCredentials: allowed,
      extensions: { prf: { eval: { first: bytes(options.salt) } } },
    },
  });

  const make = async (options) => {
    const credential = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: options.excludeCredentials.map((known) => ({ ...known, id: bytes(known.id) })),
        extensions: { prf: { eval: { first: bytes(options.salt) } } },
      },
    });
    if (!credential.getClientExtensionResults().prf?.enabled) return [credential, null];
    // Many authenticators give the secret only when they are used; this second question is for the browser alone.
    const again = { ...options, rpId: options.rp.id, challenge: text(crypto.getRandomValues(new Uint8Array(32))) };
    return [credential, secretOf(credential) || secretOf(await use(again, [{ type: "public-key", id: credential.rawId }]))];
  };

  const asJson = ({ id, rawId, type, response }) => {
    const given = { clientDataJSON: text(response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature"]) if (response[name]) given[name] = text(response[name]);
    return JSON.stringify({ id, rawId: text(rawId), type, response: given });
  };

  const run = async (form) => {
    const options = await ask(form);
    if (!options) return;
    let credential, secret;
    if (form.dataset.passkey === "open") {
      credential = await use(options, []);
      secret = secretOf(credential);
    } else {
      [credential, secret] = await make(options);
    }
    if (!secret) {
      show(form, "unsuitable");
      return;
    }
    form.elements.answer.value = asJson(credential);
    form.elements.secret.value = text(secret);
    form.submit();
  };

  const show = (form, problem) => {
    form.querySelectorAll("[data-problem]").forEach((words) => { words.hidden = words.dataset.problem !== problem; });
  };

  const forms = document.querySelectorAll("form[data-passkey]");
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  forms.forEach((form) => {
    if (window.location.hostname !== form.dataset.host) return;
    form.hidden = false;
    form.closest("[data-with-passkeys]").hidden = false;
    document.querySelectorAll("[data-second] .button").forEach((button) => button.classList.add("quiet"));
    let busy = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (busy) return;
      busy = true;
      show(form, "");
      run(form)
        .catch((error) => show(form, error.name === "NotAllowedError" || error.name === "AbortError" ? "cancelled" : "failed"))
        .finally(() => { busy = false; });
    });
  });
})();

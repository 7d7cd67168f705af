// A wallet made of npm @openid4vc/openid4vci and openid4vp, with @sd-jwt/sd-jwt-vc to present and jose for its keys; see wallet_lines.mjs.
// Settings: { clientId, redirectUri, trusted }, the last in PEM. Its verbs are those of foreign_wallets.py.
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { drive } from './wallet_lines.mjs';

await drive(async (settings, load) => {
  const jose = await load('jose');
  const { Openid4vciClient } = await load('@openid4vc/openid4vci');
  const { setGlobalConfig } = await load('@openid4vc/oauth2');
  const { Openid4vpClient } = await load('@openid4vc/openid4vp');
  const { SDJwtVcInstance } = await load('@sd-jwt/sd-jwt-vc');
  const { ES256, digest } = await load('@sd-jwt/crypto-nodejs');
  setGlobalConfig({ allowInsecureUrls: true });

  const keys = new Map();
  async function newKey(algorithm = 'ES256') {
    const { privateKey, publicKey } = await jose.generateKeyPair(algorithm, { extractable: true });
    const jwk = await jose.exportJWK(publicKey);
    keys.set(jwk.x, privateKey);
    return jwk;
  }
  const signed = (jwk, header, payload) => new jose.SignJWT(payload).setProtectedHeader(header).sign(keys.get(jwk.x));

  const instanceKey = await newKey();
  let attestation = null;
  let encryption = null; // how the messages of the next credential request are encrypted, or null
  let fetched = null; // the state of the offer that is being taken
  const held = []; // { credential, key } of SD-JWT VCs

  const read = (certificate) => new X509Certificate(Buffer.from(certificate, 'base64'));
  const anchors = settings.trusted.map((pem) => new X509Certificate(pem));
  function trusted(x5c) {
    const path = x5c.map(read);
    const above = (certificate, issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    return path.slice(1).every((issuer, number) => above(path[number], issuer)) && anchors.some((anchor) => above(path.at(-1), anchor));
  }

  // Proves which wallet this is. The callback of the library sends no challenge yet, so this one does what the newer draft asks.
  async function clientAuthentication({ headers, authorizationServerMetadata: server }) {
    const { attestation_challenge: challenge } = await (await fetch(server.challenge_endpoint, { method: 'POST' })).json();
    const proof = { iss: settings.clientId, aud: server.issuer, jti: randomBytes(16).toString('hex'), iat: Math.floor(Date.now() / 1000), challenge };
    headers.set('OAuth-Client-Attestation', attestation);
    headers.set('OAuth-Client-Attestation-PoP', await signed(instanceKey, { alg: 'ES256', typ: 'oauth-client-attestation-pop+jwt' }, proof));
  }

  // The library believes signed metadata but does not ask for them, and has no encryption of credential requests; it lets its user bring
  // the way to fetch.
  async function fetchForWallet(address, request) {
    if (String(address).includes('/.well-known/openid-credential-issuer')) return fetch(address, { ...request, headers: { accept: 'application/jwt' } });
    if (!encryption || !encryption.endpoints.includes(String(address))) return fetch(address, request);
    const { issuerKey, answerKey, enc } = encryption;
    const asked = { ...JSON.parse(request.body), credential_response_encryption: { jwk: { ...answerKey, alg: 'ECDH-ES', use: 'enc', kid: '1' }, enc } };
    const body = await new jose.CompactEncrypt(Buffer.from(JSON.stringify(asked)))
      .setProtectedHeader({ alg: issuerKey.alg, enc, kid: issuerKey.kid })
      .encrypt(await jose.importJWK(issuerKey, issuerKey.alg));
    const answer = await fetch(address, { ...request, body, headers: { ...Object.fromEntries(new Headers(request.headers)), 'content-type': 'application/jwt' } });
    if (!answer.ok) return answer;
    if (answer.headers.get('content-type') !== 'application/jwt') throw new Error('expected an encrypted answer');
    const { plaintext } = await jose.compactDecrypt(await answer.text(), keys.get(answerKey.x));
    encryption.answers += 1;
    return new Response(plaintext, { status: answer.status, headers: { ...Object.fromEntries(answer.headers), 'content-type': 'application/json' } });
  }

  const callbacks = {
    fetch: fetchForWallet,
    hash: (data, algorithm) => createHash(algorithm.replace('-', '').toLowerCase()).update(data).digest(),
    generateRandom: (count) => randomBytes(count),
    signJwt: async ({ publicJwk }, { header, payload }) => ({ jwt: await signed(publicJwk, header, payload), signerJwk: publicJwk }),
    verifyJwt: async (signer, { compact }) => {
      if (signer.method === 'x5c' && !trusted(signer.x5c)) return { verified: false };
      const key = signer.method === 'x5c' ? read(signer.x5c[0]).publicKey : await jose.importJWK(signer.publicJwk, signer.alg);
      try {
        await jose.compactVerify(compact, key);
        return { verified: true, signerJwk: await jose.exportJWK(key) };
      } catch {
        return { verified: false };
      }
    },
    encryptJwe: async ({ publicJwk, alg, enc, apu, apv }, data) => {
      const header = { alg, enc, kid: publicJwk.kid, ...(apu && { apu }), ...(apv && { apv }) };
      const jwe = await new jose.CompactEncrypt(Buffer.from(data)).setProtectedHeader(header).encrypt(await jose.importJWK(publicJwk, alg));
      return { encryptionJwk: publicJwk, jwe };
    },
    decryptJwe: async () => ({ decrypted: false }),
    getX509CertificateMetadata: (certificate) => {
      const names = (read(certificate).subjectAltName ?? '').split(', ');
      const of = (kind) => names.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1));
      return { sanDnsNames: of('DNS'), sanUriNames: of('URI') };
    },
    clientAuthentication,
  };
  const issuers = new Openid4vciClient({ callbacks });
  const verifiers = new Openid4vpClient({ callbacks });
  const signer = (publicJwk) => ({ method: 'jwk', alg: 'ES256', publicJwk });

  async function resolve(offer) {
    const credentialOffer = await issuers.resolveCredentialOffer(offer);
    const issuerMetadata = await issuers.resolveIssuerMetadata(credentialOffer.credential_issuer);
    return { credentialOffer, issuerMetadata };
  }

  async function prepared(issuerMetadata, copies) {
    const { c_nonce: nonce } = await issuers.requestNonce({ issuerMetadata });
    return { nonce, own: await Promise.all(Array.from({ length: copies }, () => newKey())) };
  }

  // All that was offered, each with as many copies as asked.
  async function requestAll({ copies, encrypted }) {
    const { issuerMetadata, credentialOffer, token } = fetched;
    const answers = [];
    for (const id of credentialOffer.credential_configuration_ids) answers.push(await requestOne(id, issuerMetadata, token, copies, encrypted));
    return { fetched: answers };
  }

  async function requestOne(id, issuerMetadata, token, copies, encrypted) {
    const { own, nonce, keyAttestationJwt } = fetched.prepared ?? (await prepared(issuerMetadata, copies));
    const proofs = own.map((key) =>
      issuers.createCredentialRequestJwtProof({ issuerMetadata, credentialConfigurationId: id, nonce, signer: signer(key), clientId: settings.clientId, keyAttestationJwt }),
    );
    const { credential_endpoint, deferred_credential_endpoint, credential_request_encryption: offered } = issuerMetadata.credentialIssuer;
    encryption = encrypted
      ? { endpoints: [credential_endpoint, deferred_credential_endpoint], issuerKey: offered.jwks.keys[0], answerKey: await newKey('ECDH-ES'), enc: offered.enc_values_supported[0], answers: 0 }
      : null;
    const { credentialResponse, dpop } = await issuers.retrieveCredentials({
      issuerMetadata,
      credentialConfigurationId: id,
      accessToken: token.accessTokenResponse.access_token,
      proofs: { jwt: (await Promise.all(proofs)).map(({ jwt }) => jwt) },
      dpop: token.dpop,
    });
    token.dpop = { ...token.dpop, ...dpop };
    return taken(id, own, credentialResponse);
  }

  function taken(id, own, { credentials, notification_id, transaction_id, interval }) {
    fetched = { ...fetched, id, own, notification: notification_id, transaction: transaction_id };
    if (transaction_id && !credentials) return { id, later: true, interval };
    const texts = credentials.map(({ credential }) => credential);
    texts.filter((text) => text.includes('~')).forEach((credential, number) => held.push({ credential, key: own[number] }));
    const signedMetadata = fetched.issuerMetadata.signedCredentialIssuer !== undefined;
    return { id, credentials: texts, holders: own, encrypted: (encryption?.answers ?? 0) > 0, signedMetadata };
  }

  return {
    key: instanceKey,
    attested: ({ jwt }) => { attestation = jwt; },

    async fetch({ offer, txCode, copies, encrypted }) {
      const resolved = await resolve(offer);
      const token = await issuers.retrievePreAuthorizedCodeAccessTokenFromOffer({ ...resolved, txCode, dpop: { signer: signer(await newKey()) } });
      fetched = { ...resolved, token };
      return requestAll({ copies, encrypted });
    },

    // The same in two steps, with between them an attestation of the keys.
    async prepare({ offer, txCode, copies }) {
      const resolved = await resolve(offer);
      const token = await issuers.retrievePreAuthorizedCodeAccessTokenFromOffer({ ...resolved, txCode, dpop: { signer: signer(await newKey()) } });
      fetched = { ...resolved, token, prepared: await prepared(resolved.issuerMetadata, copies) };
      return { keys: fetched.prepared.own, nonce: fetched.prepared.nonce };
    },

    async fetchVouched({ jwt }) {
      fetched.prepared.keyAttestationJwt = jwt;
      return requestAll({});
    },

    async begin({ offer }) {
      const resolved = await resolve(offer);
      const configurations = resolved.issuerMetadata.credentialIssuer.credential_configurations_supported;
      const scope = resolved.credentialOffer.credential_configuration_ids.map((id) => configurations[id].scope).join(' ');
      const begun = await issuers.initiateAuthorization({
        ...resolved,
        clientId: settings.clientId,
        redirectUri: settings.redirectUri,
        scope,
        additionalRequestPayload: { state: randomBytes(16).toString('hex') },
        dpop: { signer: signer(await newKey()) },
      });
      fetched = { ...resolved, begun };
      return { address: begun.authorizationRequestUrl };
    },

    async finish({ address, copies, encrypted }) {
      const { issuerMetadata, credentialOffer, begun } = fetched;
      const [authorizationServerMetadata] = issuerMetadata.authorizationServers;
      const { code } = issuers.parseAndVerifyAuthorizationResponseRedirectUrl({ url: address, authorizationServerMetadata });
      fetched.token = await issuers.retrieveAuthorizationCodeAccessTokenFromOffer({
        issuerMetadata,
        credentialOffer,
        authorizationCode: code,
        pkceCodeVerifier: begun.pkce.codeVerifier,
        redirectUri: settings.redirectUri,
        dpop: begun.dpop,
      });
      return requestAll({ copies, encrypted });
    },

    async again() {
      const { issuerMetadata, token, transaction, id, own } = fetched;
      const { deferredCredentialResponse, dpop } = await issuers.retrieveDeferredCredentials({
        issuerMetadata,
        transactionId: transaction,
        accessToken: token.accessTokenResponse.access_token,
        dpop: token.dpop,
      });
      token.dpop = { ...token.dpop, ...dpop };
      return { fetched: [taken(id, own, deferredCredentialResponse)] };
    },

    async notify({ event }) {
      const { issuerMetadata, token, notification } = fetched;
      await issuers.sendNotification({
        issuerMetadata,
        notification: { notificationId: notification, event },
        accessToken: token.accessTokenResponse.access_token,
        dpop: token.dpop,
      });
    },

    // Presents the last credential of the type that is asked, with the claims that are asked. `wrong` spoils one thing: aud, nonce, key, claims.
    async present({ request, wrong }) {
      const parsed = verifiers.parseOpenid4vpAuthorizationRequest({ authorizationRequest: request });
      const { authorizationRequestPayload: asked } = await verifiers.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: parsed.params });
      const [query] = asked.dcql_query.credentials;
      const reader = new SDJwtVcInstance({ hasher: digest });
      const types = await Promise.all(held.map(async ({ credential }) => (await reader.getClaims(credential)).vct));
      const { credential, key } = held[types.findLastIndex((type) => query.meta.vct_values.includes(type))];
      const presenter = new SDJwtVcInstance({
        hasher: digest,
        hashAlg: 'sha-256',
        kbSigner: await ES256.getSigner(await jose.exportJWK(keys.get((wrong === 'key' ? instanceKey : key).x))),
        kbSignAlg: 'ES256',
      });
      const frame = wrong === 'claims' ? {} : Object.fromEntries(query.claims.map(({ path: [name] }) => [name, true]));
      const aud = wrong === 'aud' ? 'x509_hash:of-another' : asked.client_id;
      const nonce = wrong === 'nonce' ? 'of-another-question' : asked.nonce;
      const binding = { payload: { aud, nonce, iat: Math.floor(Date.now() / 1000) } };
      const presentation = await presenter.present(credential, frame, { kb: binding });
      const response = await verifiers.createOpenid4vpAuthorizationResponse({
        authorizationRequestPayload: asked,
        clientMetadata: asked.client_metadata,
        authorizationResponsePayload: { vp_token: { [query.id]: [presentation] } },
        jarm: {
          encryption: { nonce: randomBytes(16).toString('base64url') },
          serverMetadata: {
            authorization_signing_alg_values_supported: ['ES256'],
            authorization_encryption_alg_values_supported: ['ECDH-ES'],
            authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM'],
          },
        },
      });
      const { response: answer } = await verifiers.submitOpenid4vpAuthorizationResponse({ authorizationRequestPayload: asked, ...response });
      return { status: answer.status, answer: await answer.json().catch(() => null) };
    },
  };
});

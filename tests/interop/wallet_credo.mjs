// A whole wallet agent (npm @credo-ts, which keeps its keys with Askar in memory), for tests; see wallet_lines.mjs.
// Settings: { clientId, redirectUri, trusted, types }: `trusted` in PEM, `types` where the metadata of types are said to be and where they
// are. Its verbs are those of foreign_wallets.py. LIB_ASKAR_PATH says where Askar is.
import { EventEmitter } from 'node:events';
import { drive } from './wallet_lines.mjs';

await drive(async (settings, load) => {
  const { default: { askar } } = await load('@openwallet-foundation/askar-nodejs');
  const { Agent, ConsoleLogger, Kms, LogLevel, X509Module } = await load('@credo-ts/core');
  const { AskarModule } = await load('@credo-ts/askar');
  const { OpenId4VcModule } = await load('@credo-ts/openid4vc');

  const { published, served } = settings.types;
  const fetchForWallet = (address, request) => fetch(String(address).replace(published, served), request);

  // It has to have files; nothing that it does here needs one.
  class NoFiles {
    async exists() {
      return false;
    }
  }
  const agent = new Agent({
    config: { logger: new ConsoleLogger(LogLevel.off), allowInsecureHttpUrls: true },
    dependencies: { FileSystem: NoFiles, fetch: fetchForWallet, EventEmitterClass: EventEmitter, WebSocketClass: class {} },
    modules: {
      askar: new AskarModule({ askar, store: { id: 'wallet', key: 'only for a test', database: { type: 'sqlite', config: { inMemory: true } } } }),
      openid4vc: new OpenId4VcModule({}),
      x509: new X509Module({ trustedCertificates: settings.trusted }),
    },
  });
  await agent.initialize();
  const { holder } = agent.openid4vc;
  const newKey = async () => (await agent.kms.createKeyForSignatureAlgorithm({ algorithm: 'ES256' })).publicJwk;

  const instanceKey = await newKey();
  let walletAttestationJwt;
  let fetched = null; // the state of the offer that is being taken

  async function requestAll(copies) {
    const answers = [];
    for (const id of fetched.resolvedCredentialOffer.credentialOfferPayload.credential_configuration_ids) answers.push(await requestOne(id, copies));
    return { fetched: answers };
  }

  async function requestOne(id, copies) {
    const own = fetched.own ?? (await Promise.all(Array.from({ length: copies }, newKey)));
    const { keyAttestationJwt, cNonce } = fetched;
    const { credentials, deferredCredentials, dpop } = await holder.requestCredentials({
      resolvedCredentialOffer: fetched.resolvedCredentialOffer,
      ...fetched.token,
      clientId: settings.clientId,
      credentialConfigurationIds: [id],
      cNonce,
      credentialBindingResolver: async () =>
        keyAttestationJwt ? { method: 'attestation', keyAttestationJwt } : { method: 'jwk', keys: own.map((jwk) => Kms.PublicJwk.fromPublicJwk(jwk)) },
    });
    fetched.token.dpop = dpop;
    return taken(id, own, credentials, deferredCredentials);
  }

  async function taken(id, own, [credential], [deferred]) {
    fetched = { ...fetched, deferred: deferred && { ...fetched.deferred, ...deferred }, notification: credential?.notificationId };
    if (deferred) return { id, later: true, interval: deferred.interval };
    const { record } = credential;
    const stored = 'issuerSignedBase64Url' in record.credentialInstances[0] ? agent.mdoc : agent.sdJwtVc;
    await stored.store({ record });
    const texts = record.credentialInstances.map((one) => one.compactSdJwtVc ?? one.issuerSignedBase64Url);
    const signedMetadata = fetched.resolvedCredentialOffer.metadata.signedCredentialIssuer !== undefined;
    return { id, credentials: texts, holders: own, signedMetadata, shown: record.typeMetadata?.display?.map(({ name }) => name) };
  }

  return {
    key: instanceKey,
    attested: ({ jwt }) => { walletAttestationJwt = jwt; },

    async fetch({ offer, txCode, copies }) {
      const resolvedCredentialOffer = await holder.resolveCredentialOffer(offer);
      const token = await holder.requestToken({ resolvedCredentialOffer, txCode, walletAttestationJwt });
      fetched = { resolvedCredentialOffer, token };
      return requestAll(copies);
    },

    // The same in two steps, with between them an attestation of the keys.
    async prepare({ offer, txCode, copies }) {
      const resolvedCredentialOffer = await holder.resolveCredentialOffer(offer);
      const token = await holder.requestToken({ resolvedCredentialOffer, txCode, walletAttestationJwt });
      const answer = await fetch(resolvedCredentialOffer.metadata.credentialIssuer.nonce_endpoint, { method: 'POST' });
      const { c_nonce: cNonce } = await answer.json();
      fetched = { resolvedCredentialOffer, token, cNonce, own: await Promise.all(Array.from({ length: copies }, newKey)) };
      return { keys: fetched.own, nonce: cNonce };
    },

    async fetchVouched({ jwt }) {
      fetched.keyAttestationJwt = jwt;
      return requestAll();
    },

    async begin({ offer }) {
      const resolvedCredentialOffer = await holder.resolveCredentialOffer(offer);
      const { clientId, redirectUri } = settings;
      const begun = await holder.resolveOpenId4VciAuthorizationRequest(resolvedCredentialOffer, { clientId, redirectUri, walletAttestationJwt });
      fetched = { resolvedCredentialOffer, begun };
      return { address: begun.authorizationRequestUrl };
    },

    async finish({ address, copies }) {
      const { resolvedCredentialOffer, begun } = fetched;
      const { authorizationCode: code } = holder.parseAuthorizationCodeFromAuthorizationResponse({
        resolvedCredentialOffer,
        authorizationResponseRedirectUrl: address,
      });
      const { clientId, redirectUri } = settings;
      fetched.token = await holder.requestToken({ resolvedCredentialOffer, code, clientId, redirectUri, walletAttestationJwt, ...begun });
      return requestAll(copies);
    },

    async again() {
      const { resolvedCredentialOffer, token, deferred } = fetched;
      const { credentials, deferredCredentials, dpop } = await holder.requestDeferredCredentials({
        issuerMetadata: resolvedCredentialOffer.metadata,
        ...token,
        ...deferred,
      });
      token.dpop = dpop;
      return { fetched: [await taken(deferred.credentialConfigurationId, [], credentials, deferredCredentials)] };
    },

    async notify({ event }) {
      const { resolvedCredentialOffer, token, notification } = fetched;
      await holder.sendNotification({ metadata: resolvedCredentialOffer.metadata, ...token, notificationId: notification, notificationEvent: event });
    },

    // Presents what satisfies the request, as its own choice falls.
    async present({ request }) {
      const { authorizationRequestPayload, dcql } = await holder.resolveOpenId4VpAuthorizationRequest(request);
      const { serverResponse } = await holder.acceptOpenId4VpAuthorizationRequest({
        authorizationRequestPayload,
        dcql: { credentials: holder.selectCredentialsForDcqlRequest(dcql.queryResult) },
      });
      return { status: serverResponse.status, answer: serverResponse.body };
    },
  };
});

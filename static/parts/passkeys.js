// Passkeys: a form with data-passkey="create" or "get" makes or uses one before it is sent. What the browser needs for
// it stands in the page as JSON (#passkey-options), or is fetched first (data-passkey-fetches).
(() => {
  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0))
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
  const withBytes = (credentials) => (credentials || []).map((one) => ({ ...one, id: toBytes(one.id) }))

  async function readOptions (form) {
    if (!form.dataset.passkeyFetches) return JSON.parse(document.getElementById('passkey-options').textContent)
    const answer = await fetch(form.dataset.passkeyFetches, { headers: { Accept: 'application/json' } })
    if (!answer.ok) throw new Error('The options of the passkey did not come.')
    return answer.json()
  }

  async function makePasskey (form) {
    const { publicKey } = (await readOptions(form)).creation_options
    const isAlone = Boolean(form.elements.passwordless?.checked)
    const selection = { ...publicKey.authenticatorSelection, residentKey: isAlone ? 'required' : 'discouraged', requireResidentKey: isAlone }
    if (isAlone) selection.userVerification = 'required'
    const made = await navigator.credentials.create({ publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: withBytes(publicKey.excludeCredentials),
      authenticatorSelection: selection
    } })
    return written(made, { attestationObject: toText(made.response.attestationObject), transports: made.response.getTransports?.() ?? [] })
  }

  async function usePasskey (form) {
    const { publicKey } = (await readOptions(form)).request_options
    const used = await navigator.credentials.get({ publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: withBytes(publicKey.allowCredentials)
    } })
    const { authenticatorData, signature, userHandle } = used.response
    return written(used, {
      authenticatorData: toText(authenticatorData), signature: toText(signature), userHandle: userHandle ? toText(userHandle) : undefined
    })
  }

  const written = (credential, response) => ({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { ...response, clientDataJSON: toText(credential.response.clientDataJSON) }
  })

  function prepare (form) {
    const button = form.querySelector('button[type="submit"]')
    const error = form.querySelector('[role="alert"]')
    const say = (text) => { error.textContent = text; error.hidden = false }
    if (!window.PublicKeyCredential) {
      if (!form.dataset.passkeyFetches) say(form.dataset.passkeyMissing)
      return
    }
    button.hidden = false
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      error.hidden = true
      button.disabled = true
      try {
        const credential = await (form.dataset.passkey === 'create' ? makePasskey : usePasskey)(form)
        form.elements.credential.value = JSON.stringify(credential)
        form.submit()
      } catch (failure) {
        say(failure.name === 'SecurityError' ? form.dataset.passkeyWrongAddress : form.dataset.passkeyFailed)
        button.disabled = false
      }
    })
  }

  document.querySelectorAll('form[data-passkey]').forEach(prepare)
})()

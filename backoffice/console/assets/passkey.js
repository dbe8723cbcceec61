// Asks the browser for a passkey: a new one, or one that the account has. Without it, or without passkeys, codes are left.
(() => {
  const part = document.getElementById("passkey");
  const wrong = document.getElementById("passkey-wrong");
  if (!part || !window.PublicKeyCredential?.parseCreationOptionsFromJSON) return;
  const button = document.getElementById("passkey-go");
  part.hidden = false;

  const post = async (path, body) => {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body });
    if (!answer.ok) throw new Error(answer.status);
    return answer;
  };

  const credential = ({ publicKey }) => publicKey.user
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });

  button.addEventListener("click", async () => {
    button.disabled = true;
    wrong.hidden = true;
    try {
      const asked = await (await post(part.dataset.begin)).json();
      const answer = await credential(asked);
      await post(part.dataset.finish, JSON.stringify(answer));
      location.assign(part.dataset.to);
    } catch {
      wrong.hidden = false;
      button.disabled = false;
    }
  });
})();

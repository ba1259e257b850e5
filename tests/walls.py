"""Pages that stand in place of an article, with status 200: title and lines, by kind and language."""

WALLS: dict[str, tuple[str, ...]] = {
    "login-en": ("Sign in", "Please sign in to your account to view this page.", "E-mail", "Forgotten password?"),
    "login-de": ("Anmelden", "Bitte melden Sie sich an.", "Benutzername", "Passwort vergessen?", "Angemeldet bleiben"),
    "login-fr": ("Connexion", "Connectez-vous pour accéder à votre espace.", "Mot de passe oublié ?"),
    "login-es": ("Acceso", "Inicia sesión para ver esta página.", "¿Has olvidado tu contraseña?"),
    "plans-en": (
        "Bridge closed",
        "Subscribe to keep reading. Choose your plan, cancel any time.",
        "Already a subscriber?",
    ),
    "plans-de": ("Bridge closed", "Jetzt weiterlesen mit Bote Plus. Vier Wochen für einen Euro, monatlich kündbar."),
    "plans-fr": ("Bridge closed", "Cet article est réservé aux abonnés. Déjà abonné ? Accès illimité pour un euro."),
    "plans-es": ("Bridge closed", "Contenido exclusivo para suscriptores. Suscríbete y accede sin límites."),
    "metered-en": (
        "Bridge closed",
        "You have read your five free articles this month.",
        "Subscribe for unlimited access.",
    ),
    "metered-de": (
        "Bridge closed",
        "Sie haben Ihre fünf kostenlosen Artikel gelesen.",
        "Zum Weiterlesen ein Abo abschließen.",
    ),
    "removed-en": ("Oops", "This article is no longer available. Try our search or return to the front page."),
    "removed-de": ("Hoppla", "Dieser Artikel wurde leider entfernt oder ist nicht mehr verfügbar."),
    "removed-fr": ("Oups", "Cet article n'est plus disponible ou a été supprimé."),
    "removed-es": ("Vaya", "Esta noticia ya no está disponible o ha sido eliminada."),
    "missing-en": (
        "Not found",
        "We can't find the page you asked for.",
        "Search the site",
        "Popular: tides, ferries, jobs",
    ),
    "missing-fr": ("Erreur 404", "La page que vous cherchez est introuvable.", "Rechercher sur le site"),
    "maintenance-en": ("Back soon", "Our website is down for maintenance. We will be back shortly."),
    "maintenance-de": (
        "Wartung",
        "Wegen Wartungsarbeiten sind wir vorübergehend nicht erreichbar. Bitte später erneut versuchen.",
    ),
    "maintenance-fr": ("Maintenance", "Le site est en maintenance et momentanément indisponible."),
    "maintenance-es": ("Mantenimiento", "Estamos en mantenimiento. Volveremos pronto."),
    "region-en": (
        "451",
        "Unavailable due to legal reasons",
        "This content is not available in your region, the European Union.",
    ),
    "region-de": ("Hinweis", "Dieser Inhalt ist aus rechtlichen Gründen in Ihrer Region nicht verfügbar (DSGVO)."),
    "region-fr": ("Avis", "Ce contenu n'est pas accessible dans votre pays pour des raisons juridiques (RGPD)."),
    "region-es": ("Aviso", "Este contenido no está disponible en tu región por motivos legales."),
    "consent-en": (
        "Your privacy",
        "We and our 600 partners store and access information on a device, such as cookies, for personalised ads.",
        "You can change your preferences at any time, or withdraw your consent. Accept all. Reject all. Settings.",
    ),
    "captcha-en": (
        "Just a moment...",
        "Checking your browser before accessing the site.",
        "Enable JavaScript and cookies.",
    ),
    "age-en": ("Adults only", "Please confirm that you are 18 or older. Enter your date of birth."),
    "age-de": ("Altersprüfung", "Bitte bestätigen Sie, dass Sie mindestens 18 sind. Geburtsdatum"),
    "script-en": ("Ledger", "You need to enable JavaScript to run this app."),
    "script-es": ("Ledger", "Activa JavaScript en tu navegador para ver esta página. Cargando..."),
    "empty-en": ("Bridge closed",),
    "error-en": ("Error", "500 Internal Server Error", "Something went wrong. Our engineers have been notified."),
    "error-de": ("Fehler", "Es ist ein unerwarteter Fehler aufgetreten. Interner Serverfehler."),
    "server-en": ("Welcome to nginx!", "If you see this page, the web server is successfully installed and working."),
    "front-en": (
        "The Velmar Ledger",
        "Harbour fees rise again as the council looks for money to pay for the dredging of the western channel.",
        "The baker of Sorn Street never sleeps: a visit at four in the morning, with flour up to the elbows.",
        "Two injured when a tram hit a delivery van near the market hall; the line stays closed until the evening.",
        "Velmar wins at home for the first time since August, in front of four thousand wet spectators.",
    ),
}
# Pages with other words than any list has, as a site of another language would show.
UNLISTED: dict[str, tuple[str, ...]] = {
    "hungarian": ("Ledger", "Kérjük, lépjen be a fiókjába, hogy tovább olvashassa a cikket.", "Elfelejtett jelszó"),
    "teapot": (
        "Short and stout",
        "Pour me out. The kettle is busy and will see you after the whistle has blown twice.",
    ),
    "puzzle": (
        "One thing first",
        "Turn the picture until the ship floats, then press the anchor to go on to the harbour.",
    ),
    "club": (
        "Bridge closed",
        "Friends of the Ledger read on from here. Ask at the counter for the blue card, or ring the bell by the door.",
        "The blue card costs nine crowns, and your neighbours have one already. It keeps the presses warm all winter.",
    ),
}


def wall_page(lines: tuple[str, ...], *, head: str = "", before: str = "", form: bool = False) -> str:
    """Return a page of a wall in the template of its site, with `before` above it."""
    title, *rest = lines
    text = before + "".join(f"<p>{line}</p>" for line in rest)
    field = "<form><input name=mail><input type=password name=word></form>" if form else ""
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body><nav><a href='/'>Home</a> "
        f"<a href='/harbor'>Harbour</a></nav><main><article><h1>{title}</h1>{text}{field}</article></main>"
        "<footer><p>All rights reserved by the Velmar Ledger</p></footer></body></html>"
    )

"""Why a check failed, in French; the English stands beside each code in `probes.reasons`. A test keeps the two lists equal."""

from __future__ import annotations

from collections.abc import Mapping

from probes.reasons import REASONS

_FR: Mapping[str, str] = {
    "ok": "tout fonctionne",
    "dns_slow": "le serveur de noms a répondu lentement",
    "connect_slow": "la connexion a été acceptée lentement",
    "tls_slow": "la négociation TLS a été lente",
    "http_slow": "la réponse a été lente",
    "http_degraded": "la réponse n’est pas tout à fait celle qui convient",
    "body_degraded": "le contenu de la réponse n’est pas tout à fait celui qui convient",
    "icmp_slow": "l’écho a été lent",
    "dns_nxdomain": "le nom n’existe pas",
    "dns_no_address": "le nom n’a pas d’adresse",
    "dns_servfail": "les serveurs de ce nom ne répondent pas correctement",
    "dns_refused": "le serveur de noms a refusé la question",
    "dns_timeout": "le serveur de noms n’a pas répondu à temps",
    "dns_malformed": "la réponse du serveur de noms est illisible",
    "dns_rcode": "le serveur de noms a répondu avec un autre état que prévu",
    "dns_answers": "la réponse du serveur de noms est incomplète",
    "connect_refused": "la connexion a été refusée",
    "connect_reset": "la connexion a été coupée",
    "connect_timeout": "pas de connexion à temps",
    "connect_unreachable": "l’hôte est injoignable",
    "connect_failed": "la connexion n’a pas pu être établie",
    "tls_timeout": "la négociation TLS n’a pas abouti à temps",
    "tls_closed": "la connexion a été fermée pendant la négociation TLS",
    "tls_reset": "la connexion a été coupée pendant la négociation TLS",
    "tls_protocol": "aucune version encore sûre de TLS n’est proposée",
    "tls_handshake": "la négociation TLS a échoué",
    "tls_client_cert_required": "un certificat de client est exigé",
    "tls_expired": "le certificat a expiré",
    "tls_not_yet_valid": "le certificat n’est pas encore valable",
    "tls_hostname": "le certificat est établi pour un autre nom",
    "tls_self_signed": "le certificat est auto-signé",
    "tls_untrusted": "l’émetteur du certificat n’est pas reconnu, ou un certificat intermédiaire manque",
    "tls_revoked": "le certificat est révoqué",
    "tls_weak": "la clé ou la signature du certificat est trop faible",
    "tls_certificate": "le certificat n’est pas acceptable",
    "http_timeout": "pas de réponse à temps",
    "http_closed": "la connexion a été fermée sans réponse",
    "http_reset": "la connexion a été coupée avant la réponse",
    "http_malformed": "la réponse n’est pas du HTTP correct",
    "http_head_too_large": "l’en-tête de la réponse est trop long",
    "http_informational": "il n’est venu que des réponses provisoires",
    "http_status": "la réponse porte un code d’erreur",
    "http_header": "un en-tête n’est pas celui attendu",
    "redirect_blocked": "la redirection mène où nous ne devons pas aller",
    "redirect_scheme": "la redirection ne mène pas à une adresse web",
    "redirect_invalid": "l’adresse de la redirection est illisible",
    "redirect_loop": "les redirections tournent en rond",
    "redirect_too_many": "il y a trop de redirections",
    "body_timeout": "la réponse n’est pas arrivée entière à temps",
    "body_truncated": "la réponse a été interrompue",
    "body_reset": "la connexion a été coupée pendant la réponse",
    "body_malformed": "le corps de la réponse est illisible",
    "body_encoding": "la compression de la réponse est illisible",
    "body_text": "le texte attendu manque",
    "body_forbidden": "un texte est là qui ne doit pas y être",
    "body_regex": "la réponse ne correspond pas au motif attendu",
    "body_json": "une valeur de la réponse n’est pas celle attendue",
    "banner_timeout": "le message d’accueil n’est pas venu à temps",
    "banner_closed": "la connexion a été fermée avant le message d’accueil",
    "banner_reset": "la connexion a été coupée avant le message d’accueil",
    "banner_text": "le message d’accueil n’est pas celui attendu",
    "icmp_timeout": "pas d’écho à temps",
    "icmp_unreachable": "l’hôte est injoignable",
    "record_down": "un autre outil de surveillance a constaté la panne",
    "record_failed": "la vérification d’un autre outil de surveillance a échoué",
    "local_descriptors": "le moniteur n’a plus de descripteurs de fichier",
    "local_memory": "le moniteur manque de mémoire",
    "local_ports": "le moniteur n’a plus de ports locaux",
    "local_permission": "le moniteur n’en a pas la permission",
    "local_network": "le moniteur n’a pas de route vers le réseau",
    "local_overload": "le moniteur était trop occupé pour bien regarder",
    "local_late": "le moniteur a commencé trop tard pour bien regarder",
    "local_slot_missed": "le moniteur a manqué un passage",
    "local_clock_step": "l’horloge du moniteur a été déplacée pendant qu’il regardait",
    "local_secret": "le moniteur n’a pas pu lire un secret",
    "local_error": "une erreur du moniteur lui-même",
    "resolver_timeout": "le résolveur du moniteur n’a pas répondu",
    "resolver_failed": "le résolveur du moniteur est en panne",
    "resolver_missing": "le moniteur n’a pas de résolveur",
    "network_unreachable": "le réseau du moniteur est coupé",
    "address_blocked": "l’adresse configurée n’est pas permise pour les tests",
}


def why(reason: str, language: str) -> str:
    """A reason code in words: `connect_refused` -> `The connection was refused`. A newer worker's code is shown as it is."""
    known = REASONS.get(reason)
    english = known.says if known else reason.replace("_", " ")
    said = _FR.get(reason, english) if language == "fr" else english
    return said[:1].upper() + said[1:]


WORDED_IN_FRENCH = frozenset(_FR)

"""
The sentences of alerts, whole in each language, written rather than translated.

French spacing (narrow space before `; ? !`, no-break space before `:`, inside « ») is written out with the constants below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from uptimed.notify.moments import NARROW, NBSP


@dataclass(frozen=True)
class Phrases:
    """`{}` is filled with a name, an instant or a duration; it is never text of a peer that is read as a template."""

    tag_down: str
    tag_incident: str
    tag_update: str
    tag_resolved: str
    tag_impaired: str
    tag_recovered: str
    tag_test: str
    colon: str
    dash: str
    sentence: str
    row: str
    is_down: str
    are_down: str
    opened_by_person: str
    unanswered: str
    since_short: str
    respond_short: str
    label_reason: str
    label_detail: str
    label_check: str
    label_places: str
    label_since: str
    label_severity: str
    label_respond: str
    label_incident: str
    label_from: str
    label_until: str
    take_it: str
    look: str
    written_by: str
    written_by_checks: str
    works_again: str
    work_again: str
    closed_although: str
    closed_although_several: str
    over: str
    lasted: str
    down_for: str
    nothing_to_do: str
    impaired: str
    impaired_at: str
    no_incident: str
    repair_monitor: str
    sees_again: str
    sees_again_at: str
    tag_burning: str
    tag_low: str
    tag_spent: str
    tag_ending: str
    tag_lost: str
    tag_found: str
    burns: str
    windows: Mapping[int, str]
    """Seconds -> the window in words."""
    window: str
    """Any other."""
    allowance: str
    allowance_spent: str
    low: str
    spent: str
    overdrawn: str
    ends: str
    label_used: str
    used: str
    look_now: str
    find_cause: str
    spare: str
    lost: str
    unmeasured_means: str
    look_at_checks: str
    found: str
    test: str
    test_next: str
    repeat: str
    severities: Mapping[str, tuple[str, str]]
    """Severity -> its name, and what it means."""
    stages: Mapping[str, str]


_EN = Phrases(
    tag_down="Down",
    tag_incident="Incident",
    tag_update="Update",
    tag_resolved="Resolved",
    tag_impaired="Monitor impaired",
    tag_recovered="Monitor recovered",
    tag_test="Test",
    colon=": ",
    dash=" – ",
    sentence="{}.",
    row="{}: {}",
    is_down="{} is down.",
    are_down="{} are down.",
    opened_by_person="An incident was opened: {}.",
    unanswered="Nobody has acknowledged this yet (step {step}).",
    since_short="Since {}.",
    respond_short="Answer due by {}.",
    label_reason="Reason",
    label_detail="Detail",
    label_check="Check",
    label_places="Seen from",
    label_since="Since",
    label_severity="Severity",
    label_respond="Answer due by",
    label_incident="Incident",
    label_from="Began",
    label_until="Ended",
    take_it="What to do: take it with “uptimed incident ack {id}”, so that nobody else is called; then post a first update.",
    look="What to do: look at the incident, and post a first update.",
    written_by="Written by {}.",
    written_by_checks="Written automatically by our checks.",
    works_again="{} works again.",
    work_again="{} work again.",
    closed_although="A person has closed this incident; the checks still see {} down.",
    closed_although_several="A person has closed this incident; the checks still see {} down.",
    over="{}: this incident is resolved.",
    lasted="From beginning to end: {}.",
    down_for="Down for {}.",
    nothing_to_do="Nothing more to do now.",
    impaired="The monitor cannot see.",
    impaired_at="The monitor cannot see from {}.",
    no_incident="No incident is opened for it; what is not measured counts as unmeasured time.",
    repair_monitor="What to do: look at the network, the resolver and the load of the machine that runs these checks.",
    sees_again="The monitor sees again.",
    sees_again_at="The monitor sees again from {}.",
    tag_burning="Budget burning",
    tag_low="Budget low",
    tag_spent="Budget spent",
    tag_ending="Budget ending",
    tag_lost="Not measured",
    tag_found="Measured again",
    burns="{downtime} of downtime {window}.",
    windows={
        3_600: "in the last hour",
        21_600: "in the last 6 hours",
        259_200: "in the last 3 days",
        2_592_000: "in the last 30 days",
    },
    window="in the last {}",
    allowance="{allowed} are allowed for {year}, {left} are left.",
    allowance_spent="{allowed} are allowed for {year}, all of it is spent.",
    low="{left} of downtime are left for {year}.",
    spent="The {allowed} of downtime allowed for {year} are spent.",
    overdrawn="Overdrawn by {}.",
    ends="At the pace of the last 30 days, the downtime allowed for {year} is spent on {day}.",
    label_used="Used",
    used="{used} of {allowed} (target {target})",
    look_now="What to do: look at its open incidents now; if there is none, look for short failures that keep coming.",
    find_cause="What to do: find in its list of outages what keeps failing, and plan the repair.",
    spare="What to do: put off risky changes, and repair first what cost most this year.",
    lost="We no longer measure {}.",
    unmeasured_means="Time without measurement counts neither as up nor as down; it widens the bounds.",
    look_at_checks="What to do: run “uptimed check --all”, and look at the machine that runs these checks.",
    found="We measure {} again.",
    test="This is a test by {site} of the channel {channel}. It works.",
    test_next="What to do: nothing. Real alerts will arrive here.",
    repeat="(Possible repeat: uptimed stopped while it was sending this.)",
    severities={
        "critical": ("Critical", "nobody can work"),
        "severe": ("Severe", "hardly usable"),
        "medium": ("Medium", "a nuisance, nothing is lost"),
        "minor": ("Minor", "cosmetic"),
    },
    stages={
        "detected": "Detected",
        "investigating": "Investigating",
        "identified": "Cause found",
        "monitoring": "Fix in place, watching",
        "resolved": "Resolved",
        "postmortem": "Report published",
    },
)

_FR = Phrases(
    tag_down="Indisponible",
    tag_incident="Incident",
    tag_update="Nouvelle",
    tag_resolved="Résolu",
    tag_impaired="Surveillance gênée",
    tag_recovered="Surveillance rétablie",
    tag_test="Essai",
    colon=f"{NBSP}: ",
    dash=" – ",
    sentence="{}.",
    row=f"{{}}{NBSP}: {{}}",
    is_down="{} ne répond plus.",
    are_down="{} ne répondent plus.",
    opened_by_person=f"Un incident a été ouvert{NBSP}: {{}}.",
    unanswered="Personne ne l’a encore pris en charge (étape {step}).",
    since_short="Depuis {}.",
    respond_short="Réponse due avant {}.",
    label_reason="Raison",
    label_detail="Détail",
    label_check="Test",
    label_places="Vu depuis",
    label_since="Depuis",
    label_severity="Gravité",
    label_respond="Réponse due avant",
    label_incident="Incident",
    label_from="Début",
    label_until="Fin",
    take_it=(
        f"Que faire{NBSP}: prenez-le en charge avec «{NBSP}uptimed incident ack {{id}}{NBSP}», "
        "pour que personne d’autre ne soit appelé, puis publiez une première nouvelle."
    ),
    look=f"Que faire{NBSP}: consultez l’incident et publiez une première nouvelle.",
    written_by="Écrit par {}.",
    written_by_checks="Écrit automatiquement par nos tests.",
    works_again="{} fonctionne de nouveau.",
    work_again="{} fonctionnent de nouveau.",
    closed_although=f"Une personne a clos cet incident{NARROW}; selon les tests, {{}} reste indisponible.",
    closed_although_several=f"Une personne a clos cet incident{NARROW}; selon les tests, {{}} restent indisponibles.",
    over=f"{{}}{NBSP}: cet incident est résolu.",
    lasted=f"Du début à la fin{NBSP}: {{}}.",
    down_for=f"Durée de l’indisponibilité{NBSP}: {{}}.",
    nothing_to_do="Il n’y a plus rien à faire pour l’instant.",
    impaired="La surveillance ne voit plus rien.",
    impaired_at="La surveillance ne voit plus rien depuis {}.",
    no_incident="Aucun incident n’est ouvert pour cela, et ce temps compte comme non mesuré.",
    repair_monitor=f"Que faire{NBSP}: vérifiez le réseau, le résolveur et la charge de la machine qui exécute ces tests.",
    sees_again="La surveillance voit de nouveau.",
    sees_again_at="La surveillance voit de nouveau depuis {}.",
    tag_burning="Budget consommé trop vite",
    tag_low="Budget bientôt épuisé",
    tag_spent="Budget épuisé",
    tag_ending="Fin du budget en vue",
    tag_lost="Sans mesure",
    tag_found="De nouveau mesuré",
    burns="{downtime} d’indisponibilité {window}.",
    windows={
        3_600: "pendant la dernière heure",
        21_600: f"pendant les 6{NBSP}dernières heures",
        259_200: f"pendant les 3{NBSP}derniers jours",
        2_592_000: f"pendant les 30{NBSP}derniers jours",
    },
    window="en {}",
    allowance="{allowed} sont admises pour {year}, il reste {left}.",
    allowance_spent="{allowed} sont admises pour {year}, tout est consommé.",
    low="Il reste {left} d’indisponibilité admise pour {year}.",
    spent="Les {allowed} d’indisponibilité admises pour {year} sont consommées.",
    overdrawn=f"Dépassement{NBSP}: {{}}.",
    ends=f"Au rythme des 30{NBSP}derniers jours, l’indisponibilité admise pour {{year}} sera consommée le {{day}}.",
    label_used="Consommé",
    used="{used} sur {allowed} (objectif {target})",
    look_now=(
        f"Que faire{NBSP}: regardez maintenant ses incidents ouverts{NARROW}; s’il n’y en a pas, "
        "cherchez de courtes pannes qui reviennent."
    ),
    find_cause=f"Que faire{NBSP}: cherchez dans la liste de ses pannes ce qui revient, et planifiez la réparation.",
    spare=f"Que faire{NBSP}: reportez les changements risqués, et réparez d’abord ce qui a coûté le plus cette année.",
    lost="Nous ne mesurons plus {}.",
    unmeasured_means=f"Le temps sans mesure n’est ni disponible ni indisponible{NARROW}; il élargit les bornes.",
    look_at_checks=(f"Que faire{NBSP}: lancez «{NBSP}uptimed check --all{NBSP}», puis regardez la machine qui exécute ces tests."),
    found="Nous mesurons de nouveau {}.",
    test="Ceci est un essai du canal {channel} par {site}. Il fonctionne.",
    test_next=f"Que faire{NBSP}: rien. Les vraies alertes arriveront ici.",
    repeat=f"(Répétition possible{NBSP}: uptimed s’est arrêté pendant cet envoi.)",
    severities={
        "critical": ("Critique", "plus personne ne peut travailler"),
        "severe": ("Sévère", "peu utilisable"),
        "medium": ("Moyenne", "gênant, sans perte de capacité"),
        "minor": ("Mineure", "sans conséquence"),
    },
    stages={
        "detected": "Détecté",
        "investigating": "Analyse en cours",
        "identified": "Cause trouvée",
        "monitoring": "Correctif en place, sous surveillance",
        "resolved": "Résolu",
        "postmortem": "Rapport publié",
    },
)

PHRASES: Mapping[str, Phrases] = {"en": _EN, "fr": _FR}

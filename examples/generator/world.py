"""Who works at the example company, what it runs, and when each model version went to production."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from .clock import QUARTERS, at, later, workday
from .emit import digest

SYSTEMS = ["data-warehouse", "ml-platform", "model-registry"]
WAREHOUSE, PLATFORM, REGISTRY = SYSTEMS
ACCOUNT = "cloud-account"  # the account at the cloud provider, with users of its own


@dataclass
class Person:
    id: str
    team: str
    role: str
    hired: date
    manager: str | None = None
    left: date | None = None
    employment: str = "employee"

    @property
    def ai_role(self):
        return self.role in {"ml-engineer", "data-scientist", "data-engineer", "head-of-ai", "head-of-data", "model-owner"}

    def works_on(self, day):
        return self.hired <= day and (self.left is None or day <= self.left)

    def known_on(self, day):
        """On the payroll, and already listed in a quarterly roster: nobody ships in their first weeks."""
        first_roster = next(q.last for q in QUARTERS if self.hired <= q.last)
        return self.works_on(day) and (self.hired < QUARTERS[0].first or day > first_roster)


PEOPLE = [
    Person("p-001", "management", "chief-executive", date(2021, 3, 1)),
    Person("p-002", "management", "chief-technology-officer", date(2021, 3, 1), "p-001"),
    Person("p-003", "ai", "head-of-ai", date(2021, 9, 1), "p-002"),
    Person("p-004", "platform", "head-of-platform", date(2022, 1, 10), "p-002"),
    Person("p-005", "security", "head-of-security", date(2022, 5, 2), "p-002"),
    Person("p-006", "data", "head-of-data", date(2022, 6, 1), "p-002"),
    Person("p-007", "compliance", "compliance-manager", date(2023, 2, 1), "p-001"),
    Person("p-008", "compliance", "legal-counsel", date(2023, 4, 17), "p-001"),
    Person("p-009", "ai", "ml-engineer", date(2022, 10, 1), "p-003", left=date(2026, 3, 31)),
    Person("p-010", "ai", "model-owner", date(2022, 8, 15), "p-003"),
    Person("p-011", "platform", "release-manager", date(2023, 1, 9), "p-004"),
    Person("p-012", "ai", "ml-engineer", date(2023, 3, 1), "p-003"),
    Person("p-013", "ai", "ml-engineer", date(2023, 9, 4), "p-003"),
    Person("p-014", "ai", "data-scientist", date(2024, 1, 8), "p-003"),
    Person("p-015", "data", "data-engineer", date(2023, 5, 2), "p-006"),
    Person("p-016", "data", "data-engineer", date(2024, 4, 1), "p-006"),
    Person("p-017", "data", "data-engineer", date(2024, 9, 2), "p-006", left=date(2026, 6, 30), employment="contractor"),
    Person("p-018", "platform", "platform-engineer", date(2022, 11, 1), "p-004"),
    Person("p-019", "platform", "platform-engineer", date(2023, 7, 3), "p-004"),
    Person("p-020", "platform", "platform-engineer", date(2025, 2, 3), "p-004"),
    Person("p-021", "security", "security-engineer", date(2023, 10, 2), "p-005", left=date(2026, 10, 15)),
    Person("p-022", "product", "product-manager", date(2022, 4, 1), "p-001"),
    Person("p-023", "support", "support-lead", date(2023, 6, 1), "p-001"),
    Person("p-024", "ai", "ml-engineer", date(2026, 2, 2), "p-003"),
    Person("p-025", "data", "data-engineer", date(2026, 4, 1), "p-006"),
    Person("p-026", "ai", "data-scientist", date(2026, 7, 1), "p-003"),
    Person("p-027", "security", "security-engineer", date(2026, 9, 14), "p-005"),
    Person("p-028", "platform", "platform-engineer", date(2026, 11, 2), "p-004", employment="contractor"),
]
BY_ID = {person.id: person for person in PEOPLE}


def team(name, day):
    """Members of a team who may ship on a day."""
    return [p.id for p in PEOPLE if p.team == name and p.known_on(day)]


@dataclass
class Model:
    id: str
    title: str
    tier: str
    owner: str
    sources: list
    training_set: str
    metric: str
    floor: float
    endpoint: str = ""
    texts: dict = field(default_factory=dict)

    def __post_init__(self):
        self.endpoint = f"{self.id}-eu"

    @property
    def repository(self):
        return f"acme/{self.id}"


MODELS = {
    "churn-risk": Model(
        "churn-risk", "Churn risk", "high", "p-010", ["crm-accounts", "product-usage"], "churn-training", "auc", 0.80,
        texts={
            "intended_use": "Ranks business accounts by the risk that they cancel within 90 days, for the account team of the customer.",
            "out_of_scope": "Decisions about single persons, pricing, and credit.",
            "architecture": "Gradient-boosted trees, 400 trees of depth 6, over 61 features of account and usage.",
            "inputs": "One row per account: contract, usage in the last 12 weeks, open tickets.",
            "outputs": "A risk between 0 and 1 and the five features that moved it most.",
            "explanation_method": "feature-contributions",
            "user_notice": "The list is headed as computed by a model, and each row shows the five features that moved it.",
            "decision_logic": "Accounts above 0.65 are listed as at risk; the list is sorted by risk times contract value. A person decides what to do.",
            "limitations": ["Accounts younger than 12 weeks get no score", "Seasonal businesses look riskier in summer"],
            "failure_modes": ["A broken usage feed looks like falling usage", "Mergers of accounts double the usage"],
        }),
    "ticket-router": Model(
        "ticket-router", "Ticket router", "medium", "p-010", ["support-tickets"], "router-training", "accuracy", 0.78,
        texts={
            "intended_use": "Assigns an incoming support ticket to one of 14 queues.",
            "out_of_scope": "Answering tickets, rating staff, and setting the priority of a ticket.",
            "architecture": "Sentence encoder of 33 M parameters with a linear head of 14 classes.",
            "inputs": "Subject and first message of a ticket in German or English, without attachments.",
            "outputs": "A queue and a confidence between 0 and 1.",
            "explanation_method": "similar-examples",
            "user_notice": "The ticket shows that a model chose the queue, with the three most similar closed tickets.",
            "decision_logic": "Below a confidence of 0.55 the ticket goes to the manual queue; otherwise the best class is taken.",
            "limitations": ["Languages other than German and English go to the manual queue", "Tickets under five words are guesses"],
            "failure_modes": ["New product names are routed to the largest queue", "Forwarded threads follow the quoted text"],
        }),
    "doc-extract": Model(
        "doc-extract", "Document extraction", "low", "p-003", ["invoice-scans", "company-register"], "extract-training", "f1", 0.82,
        texts={
            "intended_use": "Reads supplier, date, amount and tax number from invoices for the booking proposal.",
            "out_of_scope": "Handwritten documents and payments without confirmation by a person.",
            "architecture": "Layout encoder of 110 M parameters with a token classifier of nine labels.",
            "inputs": "Text and word boxes of up to four pages from the text recognition service.",
            "outputs": "Up to nine fields with place on the page and confidence.",
            "explanation_method": "highlighted-source",
            "user_notice": "Each proposed field is marked as proposed and highlights its place on the page.",
            "decision_logic": "Fields below 0.7 are left empty; a supplier is matched with the company register before it is proposed.",
            "limitations": ["Invoices from outside the EU are read less well", "No more than four pages"],
            "failure_modes": ["Delivery date taken for invoice date", "Net and gross amount swapped on two-column layouts"],
        }),
}


@dataclass
class Version:
    """A model version on its way to production; every date follows from the day it was deployed."""

    model: Model
    version: str
    day: date
    author: str
    summary: str
    business: str
    risk: str
    customer: bool
    alters: list
    spans: list = field(default_factory=list)  # [(from, to or None)] in production

    def _moment(self, days_before, hour, minute=0):
        return at(workday(self.day - timedelta(days=days_before)), hour, minute)

    def __post_init__(self):
        self.deployed_at = at(self.day, 14, 5)
        self.data_created = self._moment(19, 6, 30)
        self.prepared_at = self._moment(18, 8)
        self.quality_at = self._moment(18, 11)
        self.data_bias_at = self._moment(18, 13)
        self.data_approved = self._moment(15, 10)
        self.training_started = self._moment(14, 20)
        self.training_done = later(self.training_started, hours=3, minutes=42)
        self.registered_at = later(self.training_done, minutes=6)
        self.opened_at = self._moment(9, 9, 30)
        self.pushed_at = self._moment(8, 15, 10)
        self.tested_at = self._moment(7, 6)
        self.evaluated_at = self._moment(7, 7)
        self.card_at = self._moment(6, 11)
        self.card_approved = self._moment(5, 15)
        self.approved_at = self._moment(2, 10, 20)
        if self.approved_at >= self.deployed_at:
            self.approved_at = at(self.day, 10, 20)
        self.merged_at = later(self.approved_at, hours=1)
        self.digest = digest(f"weights {self.id}")
        self.config_digest = digest(f"config {self.id}")
        self.commit = digest(f"commit {self.id}")[:40]
        self.run_id = run_id(f"train {self.id}")
        self.spans = self.spans or [(self.deployed_at, None)]

    @property
    def id(self):
        return f"{self.model.id} {self.version}"

    @property
    def output(self):
        return f"models/{self.model.id}/{self.version}"

    @property
    def data_version(self):
        return self.data_created.strftime("%Y-%m")

    @property
    def in_window(self):
        return self.day >= QUARTERS[0].first

    def tests(self):
        return ["performance", "bias", "robustness"] if self.model.tier == "high" else ["performance", "bias"]


def run_id(seed):
    """A UUID of version 8 (its content is ours to define), always the same for the same seed."""
    h = digest(seed)
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def _versions():
    churn, router, extract = MODELS["churn-risk"], MODELS["ticket-router"], MODELS["doc-extract"]
    made = [
        Version(churn, "3.4.0", date(2025, 10, 14), "p-012", "Trained on the summer quarter",
                "Keeps the ranking current for the renewals of the winter.", "Summer usage is low and may look like churn; watched by slice.", False, ["data", "weights"]),
        Version(router, "2.1.0", date(2025, 11, 20), "p-013", "Two queues for the new billing product",
                "Routes billing tickets without a manual step.", "Few examples for the two new queues; low confidence goes to the manual queue.", True, ["data", "weights"]),
        Version(extract, "1.0.0", date(2026, 2, 10), "p-009", "First release",
                "Bookkeepers get a booking proposal instead of typing four fields of each invoice.",
                "A wrong amount could be proposed; a person confirms each booking, and fields of low confidence stay empty.", True, ["architecture", "data", "weights", "interface"]),
        Version(router, "2.2.0", date(2026, 2, 24), "p-013", "Trained on tickets up to January",
                "Tickets on the January release reach the right queue; 4 % fewer reassignments expected.",
                "Reassignments could rise for the two small billing queues; their daily share is watched for two weeks.", False, ["data", "weights"]),
        Version(churn, "3.5.0", date(2026, 3, 17), "p-012", "Usage features over 12 instead of 8 weeks",
                "Account teams see falling usage about a month earlier in long sales cycles.",
                "Accounts younger than 12 weeks no longer get a score, so they are missing from the list.", True, ["architecture", "data", "weights"]),
        Version(extract, "1.1.0", date(2026, 5, 12), "p-014", "Tax numbers of all EU states",
                "Customers with suppliers in other EU states no longer type tax numbers by hand.",
                "Tax numbers of similar pattern could be confused between states; checked against the company register.", True, ["data", "weights"]),
        Version(router, "2.3.0", date(2026, 6, 16), "p-024", "New sentence encoder",
                "Short tickets are understood better, which halves the manual queue in the offline test.",
                "The encoder is new in production; latency and the share of each queue are watched hourly on the first day.", False, ["architecture", "weights"]),
        Version(router, "2.3.1", date(2026, 7, 14), "p-013", "New encoder with a balanced English set",
                "Brings back the smaller manual queue of 2.3.0 without its error on English tickets.",
                "English tickets were routed wrongly by 2.3.0; a test per language now blocks a release below its floor.", False, ["data", "weights"]),
        Version(churn, "4.0.0", date(2026, 9, 15), "p-012", "Monotone constraints on contract features",
                "Explanations no longer contradict each other when a contract is extended, a frequent customer question.",
                "The ranking of large accounts shifts; account teams were shown the old and new list side by side.", True, ["architecture", "weights"]),
        Version(extract, "1.2.0", date(2026, 10, 20), "p-014", "Two-column layouts",
                "Net and gross amounts are read correctly on the layouts of two large wholesalers.",
                "One-column invoices could get worse; the regression set holds 1,200 of them and must not lose a point.", True, ["data", "weights"]),
        Version(churn, "4.1.0", date(2026, 11, 24), "p-024", "Trained on data up to October",
                "Keeps the ranking current before the renewals at the end of the year.",
                "Prices changed in September, so that features of contract value moved; drift limits were checked beforehand.", False, ["data", "weights"]),
    ]
    return made


VERSIONS = _versions()
BY_VERSION = {v.id: v for v in VERSIONS}
ROLLED_BACK_AT = at(date(2026, 6, 18), 11, 42)


def _spans():
    """Each deployment ends when the next begins; 2.3.0 of the router was withdrawn after two days."""
    for model in MODELS.values():
        line = [v for v in VERSIONS if v.model is model]
        for this, following in zip(line, line[1:]):
            this.spans = [(this.deployed_at, following.deployed_at)]
    old, bad, fixed = (BY_VERSION[f"ticket-router {v}"] for v in ("2.2.0", "2.3.0", "2.3.1"))
    old.spans = [(old.deployed_at, bad.deployed_at), (ROLLED_BACK_AT, fixed.deployed_at)]
    bad.spans = [(bad.deployed_at, ROLLED_BACK_AT)]


_spans()

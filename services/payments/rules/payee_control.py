"""Who may say that money leaves (R-PAY-07; 法发〔2017〕6号 第11条至第13条)."""

MAKER_ROLE = "fund_officer"
CHECKER_ROLE = "fund_checker"
APPROVER_ROLE = "fund_approver"
"""Three steps, three roles, three different people: nobody moves money alone."""

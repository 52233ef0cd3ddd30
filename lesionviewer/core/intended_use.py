"""The one text on what the program is for, shown in the window, reports and exports."""

SHORT = "Research use only: not a medical device"

FULL = (
    "lesionviewer is for research and education only. It is not a medical device and must not be "
    "used for diagnosis or treatment. The maps show where the network looked, not where the "
    "lesion ends."
)

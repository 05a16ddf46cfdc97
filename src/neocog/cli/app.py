"""The application: verbs and flags through cyclopts; each command is imported when it is called."""

from cyclopts import App, Group, Parameter

from neocog.cli.verbs import FLAGS, HELP, VERBS, VERSION


def build() -> App:
    """The application; it imports no command."""
    app = App(
        name="neocog",
        help=HELP,
        version=VERSION,
        help_format="plaintext",
        default_parameter=Parameter(negative=(), show_env_var=False),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for place, (title, verbs) in enumerate(VERBS.items()):
        group = Group(title, sort_key=place)
        for order, (name, (target, help)) in enumerate(verbs.items()):
            app.command(target, name=name, help=help, group=group, sort_key=order)
    app.register_install_completion_command(help=FLAGS["--install-completion"])
    return app

package org.gatefold.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gatefold train}: the group of the recipes that can be trained. */
@Command(
        name = "train",
        description = "Trains a model and compares it with simple baselines.",
        mixinStandardHelpOptions = true,
        subcommands = {ForecastCommand.class, DigitsCommand.class})
final class TrainCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected what to train: "
                        + String.join(" or ", spec.subcommands().keySet()));
    }
}

package org.gatefold.cli;

import java.io.PrintWriter;
import org.gatefold.cli.output.Table;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.Recipes;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gatefold train}: the group of the recipes that can be trained, each a command of its own. */
@Command(
        name = "train",
        description = "Trains a model by a recipe and compares it with simple baselines.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TrainCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--list", description = "List the recipes.")
    private boolean list;

    private TrainCommand() {}

    /** The command with one below it for every recipe on the class path. */
    static CommandLine line() {
        CommandLine line = new CommandLine(new TrainCommand());
        for (Recipe recipe : Recipes.all()) {
            line.addSubcommand(RecipeCommand.of(recipe));
        }
        return line;
    }

    @Override
    public void run() {
        if (!list) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected what to train: "
                            + String.join(" or ", spec.subcommands().keySet()));
        }
        PrintWriter out = spec.commandLine().getOut();
        Table table = new Table("recipe", "what it does");
        for (Recipe recipe : Recipes.all()) {
            RecipeDescription description = recipe.describe();
            table.row(description.name(), description.summary());
        }
        table.print(out);
    }
}

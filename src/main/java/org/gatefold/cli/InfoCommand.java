package org.gatefold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.gatefold.exchange.ModelFile;
import org.gatefold.recipe.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code gatefold info}: what a model is made of, what it was trained for and how well it did. */
@Command(
        name = "info",
        description = "Shows the layers, the size, the options and the test metrics of a trained model.",
        mixinStandardHelpOptions = true)
final class InfoCommand extends Subcommand {
    @Mixin
    private ModelParameter model;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = out();
        Path file = model.file();
        Map<String, String> metadata = ModelFile.metadata(file);
        out.println(file + ", " + Files.size(file) + " bytes");
        out.print(ModelFile.network(file).summary());
        metadata.forEach((recipe, text) -> out.println(recipe + ": " + text));
        RunFolder.metrics(file).ifPresent(metrics -> out.println("metrics: " + metrics));
        return Main.DONE;
    }
}

package org.gatefold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.gatefold.exchange.ModelFormat;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.recipe.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code gatefold info}: what a model is made of, and of one that was trained here, what for and how well it did. */
@Command(
        name = "info",
        description =
                "Shows the layers and the size of a model, another system's too, and the options and test metrics of one trained here.",
        mixinStandardHelpOptions = true)
final class InfoCommand extends Subcommand {
    @Mixin
    private ModelParameter model;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = out();
        Path file = model.file();
        ModelFormat format = ModelFormats.of(file);
        String description = format.describe(file);
        Map<String, String> metadata = format.metadata(file);
        out.println(file + ", " + format.title() + (Files.isDirectory(file) ? "" : ", " + Files.size(file) + " bytes"));
        out.print(description);
        metadata.forEach((recipe, text) -> out.println(recipe + ": " + text));
        RunFolder.metrics(file).ifPresent(metrics -> out.println("metrics: " + metrics));
        out.flush();
        return Main.DONE;
    }
}

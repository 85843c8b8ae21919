package org.gatefold.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.recipe.RunFolder;
import picocli.CommandLine.Parameters;

/** The trained model that a command works with; mixed into commands. */
final class ModelParameter {
    @Parameters(paramLabel = "MODEL", description = "The folder of a run, or a model file.")
    private Path model;

    /** Its file: that of the run, or the one named. */
    Path file() {
        return file(model);
    }

    /** The file of a model that is told as a run's folder or as a file. */
    static Path file(Path model) {
        if (!Files.isDirectory(model)) {
            if (!Files.exists(model)) {
                throw new IllegalArgumentException(model + ": no such file or folder");
            }
            return model;
        }
        // First: an encoder of the BERT family may call its weights as a run calls its model.
        if (ModelFormats.ofFolder(model).isPresent()) {
            return model;
        }
        Path inside = model.resolve(RunFolder.MODEL);
        if (!Files.exists(inside)) {
            throw new IllegalArgumentException(
                    model + " holds no " + RunFolder.MODEL + "; its run did not finish, --resume goes on with it");
        }
        return inside;
    }
}

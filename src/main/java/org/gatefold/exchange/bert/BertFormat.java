package org.gatefold.exchange.bert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.exchange.ModelFormat;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.model.Model;
import org.gatefold.model.Network;

/** Folders with an encoder of the BERT family, {@link Bert}, among the kinds of models. */
public final class BertFormat implements ModelFormat {
    private static final int MOST_BYTES = 4 << 20;

    @Override
    public String name() {
        return "bert";
    }

    @Override
    public String title() {
        return "an encoder of the BERT family";
    }

    /** Written are none. */
    @Override
    public List<String> endings() {
        return List.of();
    }

    /** Files alone are none of these. */
    @Override
    public boolean recognises(Path file, byte[] head) {
        return false;
    }

    /** Folders of Hugging Face's other models, too, so that they are refused by what they are. */
    @Override
    public boolean recognisesFolder(Path folder) {
        Path config = folder.resolve(Bert.CONFIG);
        if (!Files.isRegularFile(config)) {
            return false;
        }
        try {
            JsonFields json = JsonFields.read(config, MOST_BYTES);
            return json.has("model_type") || json.has("num_hidden_layers");
        } catch (FileException | IOException e) {
            return false;
        }
    }

    @Override
    public Network network(Path file) {
        return Bert.read(file).network();
    }

    @Override
    public void loadWeights(Model model, Path file) {
        Bert.read(file).writeWeights(model.parameters());
    }
}

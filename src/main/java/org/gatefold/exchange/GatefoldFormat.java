package org.gatefold.exchange;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.file.FileException;
import org.gatefold.file.Safetensors;
import org.gatefold.model.Model;
import org.gatefold.model.Network;

/** Gatefold's own files, {@link ModelFile}, among the others. */
public final class GatefoldFormat implements ModelFormat {
    static final String ENDING = ".safetensors";

    @Override
    public String name() {
        return "gatefold";
    }

    @Override
    public String title() {
        return "a Gatefold model";
    }

    @Override
    public List<String> endings() {
        return List.of(ENDING);
    }

    /** Tensors with a description; a file of tensors that is damaged is taken for one of these. */
    @Override
    public boolean recognises(Path file, byte[] head) {
        if (!isSafetensors(head)) {
            return false;
        }
        try (Safetensors tensors = Safetensors.open(file)) {
            return ModelFile.isDescribed(tensors);
        } catch (FileException | IOException e) {
            return true;
        }
    }

    /** The length of a header, and its opening brace. */
    public static boolean isSafetensors(byte[] head) {
        return head.length > 8 && head[8] == '{' && head[7] == 0 && head[6] == 0 && head[5] == 0;
    }

    @Override
    public Map<String, String> metadata(Path file) {
        return ModelFile.metadata(file);
    }

    @Override
    public Network network(Path file) {
        return ModelFile.network(file);
    }

    @Override
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public Model load(Device device, Path file) {
        return ModelFile.load(device, file);
    }

    @Override
    public void loadWeights(Model model, Path file) {
        ModelFile.loadWeights(model, file);
    }

    @Override
    public void save(Model model, Path file, Map<String, String> metadata) {
        ModelFile.save(model, file, metadata);
    }
}

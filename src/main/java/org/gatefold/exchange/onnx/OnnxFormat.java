package org.gatefold.exchange.onnx;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.exchange.ModelFormat;
import org.gatefold.model.Model;
import org.gatefold.model.Network;

/** ONNX files as a {@link ModelFormat}. Stateless. */
public final class OnnxFormat implements ModelFormat {
    private static final String ENDING = ".onnx";

    @Override
    public String name() {
        return "onnx";
    }

    @Override
    public String title() {
        return "an ONNX model";
    }

    @Override
    public List<String> endings() {
        return List.of(ENDING);
    }

    /** By the name: messages have no mark of their own at their beginning. */
    @Override
    public boolean recognises(Path file, byte[] head) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(ENDING);
    }

    @Override
    public Network network(Path file) {
        return OnnxModels.network(file);
    }

    @Override
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public Model load(Device device, Path file) {
        return OnnxModels.load(device, file);
    }

    @Override
    public void save(Model model, Path file, Map<String, String> metadata) {
        OnnxExport.of(model).write(file);
    }
}

package org.gatefold.exchange.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.exchange.StoredTensor;
import org.gatefold.exchange.TensorFile;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.attention.TransformerEncoder;
import org.gatefold.layer.attention.TransformerEncoderLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** State dicts of attention and Transformers, and outputs, by {@code ci/interop/torch_transformers.py}. */
class TransformerStateDictTest {
    private static final float TOLERANCE = 5e-6f;
    private static final ForeignFiles FILES = new ForeignFiles(TransformerStateDictTest.class);

    @TempDir
    Path folder;

    /** @param named as PyTorch's modules; else they are found by order and shape */
    private static Network network(String name, boolean named) {
        TransformerEncoderLayer pattern = TransformerEncoderLayer.of(2, 8).activation(Activation.GELU);
        Layer layer =
                switch (name) {
                    case "attention" -> MultiHeadAttention.of(2);
                    case "encoder" -> TransformerEncoder.of(2, pattern);
                    default -> TransformerEncoder.of(2, pattern.preNorm()).finalNorm();
                };
        Linear last = Linear.of(2);
        if (named) {
            layer.named(name.equals("attention") ? name : "encoder");
            last.named("fc");
        }
        return ForeignFiles.network(Form.sequences(6), layer, last);
    }

    @ParameterizedTest
    @ValueSource(strings = {"attention", "encoder", "prenorm"})
    void modulesComputeAsThere(String name) throws IOException {
        Column x = Column.sequences("x", ForeignFiles.sequences(FILES.array("transformers.npz", "x")));
        for (boolean named : new boolean[] {true, false}) {
            Path written = folder.resolve(name + named + ".pt");
            try (Device device = Devices.cpu();
                    Model model = network(name, named).on(device).build();
                    Model again = network(name, named).on(device).build()) {
                StateDict.load(model, FILES.file(name + ".pt"), Map.of());
                ForeignFiles.assertOutputs(model, x, FILES.array("transformers.npz", name), TOLERANCE);
                ModelFormats.named("pytorch").save(model, written, Map.of());
                StateDict.load(again, written, Map.of());
                ForeignFiles.assertOutputs(again, x, FILES.array("transformers.npz", name), TOLERANCE);
            }
            if (named) {
                try (TensorFile there = StateDict.open(FILES.file(name + ".pt"));
                        TensorFile here = StateDict.open(written)) {
                    assertThat(here.tensors())
                            .extracting(StoredTensor::name)
                            .containsExactlyElementsOf(there.tensors().stream()
                                    .map(StoredTensor::name)
                                    .toList());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"encoder", "prenorm"})
    void anEncoderIsMappedAsAWhole(String name) throws IOException {
        Column x = Column.sequences("x", ForeignFiles.sequences(FILES.array("transformers.npz", "x")));
        try (Device device = Devices.cpu();
                Model model = network(name, false).on(device).build()) {
            String own = model.layers().get(0).name();
            StateDict.load(model, FILES.file(name + ".pt"), Map.of(own, "encoder"));
            ForeignFiles.assertOutputs(model, x, FILES.array("transformers.npz", name), TOLERANCE);
        }
    }
}

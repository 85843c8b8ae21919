package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.attention.PositionalEmbedding;
import org.gatefold.layer.attention.SinusoidalPositions;
import org.gatefold.layer.attention.TransformerEncoder;
import org.gatefold.layer.attention.TransformerEncoderLayer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Highway;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.basic.Residual;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.RepeatVector;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.TimeDistributed;
import org.gatefold.layer.form.TimeSlice;
import org.gatefold.layer.form.ToRows;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.GroupNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.AvgPool1d;
import org.gatefold.layer.pooling.AvgPool2d;
import org.gatefold.layer.pooling.GlobalPooling;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers round recurrent ones, and every option of these, written to files: ONNX Runtime and a model read again give the same. */
class OnnxLayersExportTest {
    private static final int STEPS = 9;
    private static final int ROWS = 3;

    @TempDir
    private Path folder;

    private static Network chain(Form in, Layer... layers) {
        Network.Builder network = Network.sequential(in);
        for (Layer layer : layers) {
            network.add(layer);
        }
        return network.build();
    }

    private static Network steps(Layer... layers) {
        return chain(Form.sequences(8), layers);
    }

    static Stream<Network> networks() {
        return Stream.of(
                steps(Lstm.of(5).layers(2).bidirectional().peepholes().returnSequences()),
                steps(Lstm.of(5).layers(2).learnedInitialState(), Linear.of(2)),
                steps(
                        Lstm.of(5).layers(2).bidirectional().batchNorm().returnSequences(),
                        Gru.of(4).batchNorm(0.1f, 0.3f).returnSequences(),
                        Rnn.of(4).withoutBias().batchNorm().returnSequences()),
                steps(Gru.of(5).bidirectional().learnedInitialState().returnSequences()),
                steps(Rnn.of(4).goBackwards().returnSequences(), Gru.of(3).goBackwards()),
                steps(
                        Bidirectional.of(Gru.of(5).returnSequences()).merge(Bidirectional.Merge.AVERAGE),
                        Bidirectional.of(
                                        Lstm.of(4).returnSequences(),
                                        Rnn.of(4).reverse().returnSequences())
                                .merge(Bidirectional.Merge.MULTIPLY),
                        Bidirectional.of(Lstm.of(3)).merge(Bidirectional.Merge.SUM)),
                steps(
                        Bidirectional.of(Gru.of(5).returnSequences()),
                        Residual.of(Lstm.of(10).returnSequences())),
                steps(
                        Highway.of(Linear.of(8)),
                        Conv1d.of(6, 3).dilation(2).causal(),
                        ActivationLayer.of(Activation.GELU),
                        MaxPool1d.of(2),
                        Conv1d.of(4, 3).groups(2).stride(2).padding(2, 1),
                        Lstm.of(3)),
                steps(
                        Conv1d.of(6, 4).same().withoutBias(),
                        AvgPool1d.of(3).stride(1).padding(1, 1),
                        TimePooling.mean()),
                steps(TimeSlice.last(5), TimeSlice.first(3), Lstm.of(3).returnSequences(), TimePooling.max()),
                steps(TimeSlice.every(2), TimePooling.last()),
                steps(
                        ActivationLayer.hardSigmoid(),
                        ActivationLayer.of(Activation.hardSigmoid(0.3f, -0.1f)),
                        Linear.of(8),
                        ActivationLayer.softsign(),
                        ActivationLayer.selu(),
                        ActivationLayer.mish(),
                        Linear.of(8),
                        ActivationLayer.hardSwish(),
                        ActivationLayer.geluTanh(),
                        Linear.of(8)),
                steps(
                        ActivationLayer.clip(-0.4f, 1.25f),
                        ActivationLayer.of(Activation.selu(0.5f, 2f)),
                        ActivationLayer.of(Activation.thresholdedRelu(0.3f)),
                        ActivationLayer.relu6()),
                steps(
                        LayerNorm.create().epsilon(1e-3f),
                        BatchNorm.create(),
                        GroupNorm.of(2),
                        LayerNorm.create().withoutAffine(),
                        BatchNorm.create().withoutAffine()),
                steps(
                        PositionalEmbedding.of(40),
                        MultiHeadAttention.of(2),
                        MultiHeadAttention.of(4).causal()),
                steps(SinusoidalPositions.create(), TransformerEncoder.of(2, TransformerEncoderLayer.of(2, 12))),
                steps(TransformerEncoder.of(
                                2,
                                TransformerEncoderLayer.of(4, 12)
                                        .preNorm()
                                        .causal()
                                        .activation(Activation.GELU))
                        .finalNorm()),
                chain(
                        Form.rows(2, 9, 8),
                        Conv2d.of(4, 3, 2).stride(2, 1).padding(1, 0),
                        BatchNorm.create(),
                        ActivationLayer.relu(),
                        MaxPool2d.of(2, 2),
                        GroupNorm.of(2),
                        Conv2d.of(6, 2, 3).dilation(1, 1).same(),
                        AvgPool2d.of(2, 2).stride(1, 1),
                        Flatten.create(),
                        Linear.of(7),
                        BatchNorm.create(),
                        RepeatVector.of(4),
                        Lstm.of(5).returnSequences()),
                chain(Form.rows(2, 6, 5), Permute.of(3, 1, 2), Reshape.of(5, 12), ToSequence.create(), Gru.of(4)),
                chain(
                        Form.rows(2, 6, 5),
                        Reshape.of(5, 2, 6),
                        ToSequence.create(),
                        ToRows.of(5),
                        Permute.of(1, 3, 2),
                        Flatten.create(),
                        Linear.of(3)),
                chain(Form.rows(2, 6, 5), GlobalPooling.mean(), Linear.of(3)),
                chain(
                        Form.sequences(2, 6, 6),
                        Conv2d.of(4, 3, 3),
                        TimeDistributed.of(MaxPool2d.of(2, 2), Flatten.create(), Linear.of(5)),
                        Lstm.of(4)),
                chain(Form.sequences(2, 6, 6), AvgPool2d.of(3, 3), GlobalPooling.max(), Lstm.of(4)));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void computesTheSameElsewhere(Network network) throws Exception {
        Path file = folder.resolve("model.onnx");
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(5).build();
                Context context = Context.inference(device)) {
            Random random = new Random(1);
            for (Parameter parameter : model.parameters().list()) {
                float[] values = parameter.value().toFloats();
                for (int i = 0; i < values.length; i++) {
                    values[i] = parameter.name().endsWith("variance")
                            ? 0.5f + random.nextFloat()
                            : values[i] + 0.2f * (random.nextFloat() - 0.5f);
                }
                parameter.set(values);
            }
            model.parameters().changed();
            OnnxExport.of(model).write(file);
            for (int rows : new int[] {ROWS, 1}) {
                int[] dims = model.input().shape(STEPS, rows).toArray();
                OnnxTensor x = OnnxOracle.random(7, dims);
                context.begin(rows);
                Tensor tensor = context.scope().f32("x", dims);
                tensor.write(x.floats());
                Tensor y = model.forward(context, Variable.constant(tensor)).value();
                Map<String, OnnxTensor> expected =
                        Map.of("output", OnnxTensor.of(y.toFloats(), y.shape().toArray()));
                Map<String, OnnxTensor> given = Map.of("input", x);
                OnnxOracle.assertWritten(file, given, expected);
            }
        }
    }

    @Test
    void refusesWhatLengthsOrTheFormatDoNotAllow() throws Exception {
        Path file = folder.resolve("model.onnx");
        Map<Layer, String> refused = new LinkedHashMap<>();
        refused.put(Conv1d.of(3, 2), "a Conv1d looks at several steps, and takes no lengths in a file");
        refused.put(TransformerEncoder.of(1, TransformerEncoderLayer.of(2, 4)), "takes no lengths in a file");
        refused.put(ToRows.of(3), "a ToRows reads all steps, and takes no lengths in a file");
        refused.put(Masking.zeros(), "the format has no masks; give lengths, by withLengths()");
        refused.put(Rnn.of(2).goBackwards().returnSequences(), "in the order of reading take no lengths in a file");
        refused.put(Lstm.of(3).zoneout(0.2f), "the format's LSTM has no zoneoutH, which is 0.2");
        for (Map.Entry<Layer, String> one : refused.entrySet()) {
            try (Device device = Devices.named("cpu");
                    Model model = steps(one.getKey()).on(device).build()) {
                assertThatThrownBy(() -> OnnxExport.of(model).withLengths().write(file))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("layer '")
                        .hasMessageContaining(one.getValue());
            }
        }
        org.assertj.core.api.Assertions.assertThat(List.of(file.toFile().exists()))
                .containsExactly(false);
    }
}

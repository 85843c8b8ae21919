package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.exchange.onnx.graph.FoldedGraph;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was read from a file trains, and is saved and loaded, as any other model. */
class OnnxTrainingTest {
    @TempDir
    private Path folder;

    /** Every kind of step that has a way back: convolution, norms, moves, reductions, products, attention, recurrence. */
    private Path file() throws IOException {
        return new OnnxFiles(17, 3)
                .input("x", "batch", "time", "4")
                .weights("k", 6, 4, 3)
                .weights("kb", 6)
                .weights("w", 2, 20, 6)
                .weights("r", 2, 20, 5)
                .weights("gamma", 10)
                .weights("beta", 10)
                .weights("q", 10, 10)
                .weights("scale", 10)
                .weights("out", 10, 3)
                .weights("bias", 3)
                .wholes("swap", 0, 0, -1)
                .wholes("axis", 1)
                .node("Transpose", "x", "xt", OnnxFiles.wholes("perm", List.of(0, 2, 1)))
                .node("Conv", "xt,k,kb", "c", OnnxFiles.wholes("pads", List.of(1, 1)))
                .node("Transpose", "c", "ct", OnnxFiles.wholes("perm", List.of(2, 0, 1)))
                .node(
                        "LSTM",
                        "ct,w,r",
                        "y,yh",
                        OnnxFiles.of("hidden_size", 5L),
                        OnnxFiles.of("direction", "bidirectional"))
                .node("Transpose", "y", "yt", OnnxFiles.wholes("perm", List.of(2, 0, 1, 3)))
                .node("Reshape", "yt,swap", "h")
                .node("LayerNormalization", "h,gamma,beta", "n")
                .node("MatMul", "n,q", "nq")
                .node("Transpose", "n", "nt", OnnxFiles.wholes("perm", List.of(0, 2, 1)))
                .node("MatMul", "nq,nt", "scores")
                .node("Softmax", "scores", "weights")
                .node("MatMul", "weights,h", "attended")
                .node("Mul", "attended,scale", "scaled")
                .node("Sqrt", "weights", "root")
                .node("ReduceMean", "root", "mean", OnnxFiles.wholes("axes", List.of(2)))
                .node("Add", "scaled,mean", "sum")
                .node("ReduceMax", "sum", "top", OnnxFiles.wholes("axes", List.of(1)), OnnxFiles.of("keepdims", 0L))
                .node("MatMul", "top,out", "product")
                .node("Add", "product,bias", "logits")
                .output("logits", "batch", "3")
                .write(folder);
    }

    /** Operators of later opsets that have a way back. */
    private Path later() throws IOException {
        return new OnnxFiles(20, 3)
                .input("x", "batch", "6", "4")
                .weights("is", 6)
                .weights("ib", 6)
                .weights("gs", 2)
                .weights("gb", 2)
                .weights("out", 4, 3)
                .wholes("last", 1)
                .node("Mish", "x", "bent")
                .node("Gelu", "bent", "curved", OnnxFiles.of("approximate", "tanh"))
                .node("CumSum", "curved,last", "run", OnnxFiles.of("exclusive", 1L))
                .node("CumSum", "run,last", "back", OnnxFiles.of("reverse", 1L))
                .node("InstanceNormalization", "back,is,ib", "even")
                .node("GroupNormalization", "curved,gs,gb", "grouped", OnnxFiles.of("num_groups", 2L))
                .node("Add", "even,grouped", "both")
                .node("Exp", "both", "positive")
                .node("ReduceL1", "positive,last", "size", OnnxFiles.of("keepdims", 0L))
                .node("ReduceLogSumExp", "both,last", "soft", OnnxFiles.of("keepdims", 0L))
                .node("ReduceLogSum", "positive,last", "logs", OnnxFiles.of("keepdims", 0L))
                .node("Sum", "size,soft,logs", "all")
                .node("MatMul", "all,out", "logits")
                .output("logits", "batch", "3")
                .write(folder);
    }

    private static double value(Model model, Context context, float[] x, float[] by) {
        context.begin(1);
        float[] y = forward(model, context, x).value().toFloats();
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += y[i] * by[i];
        }
        return sum;
    }

    private static Variable forward(Model model, Context context, float[] x) {
        FoldedGraph.Port port = model.module(OnnxModule.class).graph().inputs().get(0);
        return model.forward(
                        context, Map.of("x", OnnxOracle.outside(context, port, OnnxTensor.of(x, 2, x.length / 8, 4))))
                .get("logits");
    }

    @Test
    void gradientsAreThoseOfDifferences() throws Exception {
        requireGradients(file(), 5);
    }

    /** Exponentials of these numbers are more than a float holds. */
    @Test
    void logarithmsOfSumsStayFinite() throws Exception {
        Path file = new OnnxFiles(18, 3)
                .input("x", "batch", "5", "4")
                .wholes("axes", 1, 2)
                .node("ReduceLogSumExp", "x,axes", "y")
                .output("y", "batch", "1", "1")
                .write(folder);
        float[] x = OnnxOracle.random(3, 2, 5, 4).floats();
        for (int i = 0; i < x.length; i++) {
            x[i] = 200f * x[i] + (i < 20 ? 300f : -300f);
        }
        OnnxOracle.assertSame(file, Map.of("x", OnnxTensor.of(x, 2, 5, 4)), 1e-4);
    }

    @Test
    void gradientsOfLaterOperatorsAreThoseOfDifferences() throws Exception {
        requireGradients(later(), 6);
    }

    private static void requireGradients(Path file, int steps) throws Exception {
        float[] x = OnnxOracle.random(8, 2, steps, 4).floats();
        OnnxOracle.assertSame(file, Map.of("x", OnnxTensor.of(x, 2, steps, 4)), 1e-5);
        float[] by = OnnxOracle.random(9, 6).floats();
        Random random = new Random(4);
        try (Device device = Devices.named("cpu");
                Model model = OnnxModels.load(device, file);
                Context context = Context.training(device, 1)) {
            context.begin(0);
            model.parameters().zeroGradients();
            Variable y = forward(model, context, x);
            y.gradient().write(by);
            context.tape().backward();
            for (Parameter parameter : model.parameters().list()) {
                float[] values = parameter.value().toFloats();
                float[] slopes = parameter.gradient().toFloats();
                double along = 0;
                float[] way = new float[values.length];
                for (int i = 0; i < way.length; i++) {
                    way[i] = random.nextFloat() - 0.5f;
                    along += way[i] * slopes[i];
                }
                double h = 5e-3;
                double difference = value(model, context, x, by, parameter, values, way, h)
                        - value(model, context, x, by, parameter, values, way, -h);
                parameter.set(values);
                assertThat(along)
                        .as(parameter.name())
                        .isCloseTo(difference / (2 * h), within(0.02 * Math.max(0.1, Math.abs(along))));
                assertThat(along).as(parameter.name()).isNotZero();
            }
        }
    }

    private static double value(
            Model model,
            Context context,
            float[] x,
            float[] by,
            Parameter parameter,
            float[] at,
            float[] way,
            double h) {
        float[] moved = at.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (h * way[i]);
        }
        parameter.set(moved);
        model.parameters().changed();
        return value(model, context, x, by);
    }

    @Test
    void isSavedAndLoadedAsAnyModel() throws IOException {
        Path file = file();
        Path saved = folder.resolve("model.safetensors");
        float[] x = OnnxOracle.random(8, 2, 5, 4).floats();
        try (Device device = Devices.named("cpu");
                Context context = Context.inference(device)) {
            float[] expected;
            Network network;
            try (Model model = OnnxModels.load(device, file)) {
                network = model.network();
                context.begin(0);
                expected = forward(model, context, x).value().toFloats();
                ModelFile.save(model, saved, Map.of());
            }
            assertThat(network.parameters()).containsKeys("k", "gamma", "out.transposed");
            assertThat(network.layers())
                    .singleElement()
                    .satisfies(layer -> assertThat(layer.layer().type()).isEqualTo("Lstm"));
            try (Model model = ModelFile.load(device, saved)) {
                context.begin(0);
                assertThat(forward(model, context, x).value().toFloats()).isEqualTo(expected);
                assertThat(model.inputs()).isEqualTo(network.inputs());
                assertThat(model.outputs()).isEqualTo(network.outputs());
            }
        }
    }

    @Test
    void namesWhatIsNotSupported() throws IOException {
        Path file = new OnnxFiles(13, 1)
                .input("x", "batch", "4")
                .node("Relu", "x", "a")
                .node("Det", "a", "y")
                .output("y", "batch", "4")
                .write(folder);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> OnnxModels.network(file))
                .hasMessageContaining("model.onnx")
                .hasMessageContaining("node 'Det1' (operator Det)")
                .hasMessageContaining("not supported");
    }
}

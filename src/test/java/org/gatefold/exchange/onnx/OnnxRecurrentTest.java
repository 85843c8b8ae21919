package org.gatefold.exchange.onnx;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.exchange.onnx.proto.AttributeProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LSTM, GRU and RNN in files, with every attribute, against ONNX Runtime. */
class OnnxRecurrentTest {
    @TempDir
    private Path folder;

    private record Case(
            String operator,
            String direction,
            boolean states,
            boolean lengths,
            boolean bias,
            boolean peepholes,
            float clip,
            long flag,
            boolean functions,
            int opset) {
        int directions() {
            return direction.equals("bidirectional") ? 2 : 1;
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String operator : List.of("LSTM", "GRU", "RNN")) {
            boolean lstm = operator.equals("LSTM");
            for (String direction : List.of("forward", "reverse", "bidirectional")) {
                cases.add(new Case(operator, direction, false, false, true, false, 0, 0, false, 7));
                cases.add(new Case(operator, direction, true, false, true, lstm, 0, 1, false, 11));
                cases.add(new Case(operator, direction, true, true, false, lstm, 0.7f, 0, false, 14));
                cases.add(new Case(operator, direction, false, true, true, false, 0, 1, true, 22));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesWhatOnnxRuntimeGives(Case one) throws IOException, OrtException {
        int steps = 5;
        int rows = 3;
        int features = 4;
        int size = 6;
        int gates = one.operator().equals("LSTM") ? 4 : one.operator().equals("GRU") ? 3 : 1;
        boolean lstm = gates == 4;
        int d = one.directions();
        OnnxFiles file = new OnnxFiles(one.opset(), 5)
                .input("x", "steps", "batch", String.valueOf(features))
                .weights("w", d, gates * size, features)
                .weights("r", d, gates * size, size);
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        inputs.put("x", OnnxOracle.random(1, steps, rows, features));
        String read = "x,w,r";
        if (one.bias()) {
            file.weights("b", d, 2 * gates * size);
        }
        read += one.bias() ? ",b" : ",";
        if (one.lengths()) {
            file.wholeInput("lengths", TensorProto.DataType.INT32_VALUE, "batch");
            inputs.put("lengths", OnnxTensor.vector(5, 2, 3));
        }
        read += one.lengths() ? ",lengths" : ",";
        if (one.states()) {
            file.input("h0", String.valueOf(d), "batch", String.valueOf(size));
            inputs.put("h0", OnnxOracle.random(2, d, rows, size));
        }
        read += one.states() ? ",h0" : ",";
        if (lstm) {
            if (one.states()) {
                file.input("c0", String.valueOf(d), "batch", String.valueOf(size));
                inputs.put("c0", OnnxOracle.random(3, d, rows, size));
            }
            read += one.states() ? ",c0" : ",";
            if (one.peepholes()) {
                file.weights("p", d, 3 * size);
            }
            read += one.peepholes() ? ",p" : "";
        }
        file.node(one.operator(), read.replaceAll(",+$", ""), lstm ? "y,yh,yc" : "y,yh", attributes(one, size, d));
        file.output("y", "steps", String.valueOf(d), "batch", String.valueOf(size))
                .output("yh", String.valueOf(d), "batch", String.valueOf(size));
        if (lstm) {
            file.output("yc", String.valueOf(d), "batch", String.valueOf(size));
        }
        OnnxOracle.assertSame(file.write(folder), inputs, 1e-5);
    }

    private static AttributeProto[] attributes(Case one, int size, int directions) {
        List<AttributeProto> attributes = new ArrayList<>();
        attributes.add(OnnxFiles.of("hidden_size", size));
        attributes.add(OnnxFiles.of("direction", one.direction()));
        if (one.clip() > 0) {
            attributes.add(OnnxFiles.of("clip", one.clip()));
        }
        if (one.operator().equals("LSTM") && one.flag() != 0) {
            attributes.add(OnnxFiles.of("input_forget", one.flag()));
        }
        if (one.operator().equals("GRU")) {
            attributes.add(OnnxFiles.of("linear_before_reset", one.flag()));
        }
        if (one.functions()) {
            int places = one.operator().equals("LSTM") ? 3 : one.operator().equals("GRU") ? 2 : 1;
            List<String> names = List.of("HardSigmoid", "ScaledTanh", "Softsign", "Sigmoid", "LeakyRelu", "Elu");
            // ONNX Runtime takes the numbers of an RNN by direction, whether its function has any, and reads beyond the
            // end.
            int apart = places == 1 ? 1 : 3;
            List<String> taken = new ArrayList<>();
            for (int i = 0; i < directions; i++) {
                taken.addAll(names.subList(apart * i, apart * i + places));
            }
            attributes.add(OnnxFiles.of("activations", taken));
            List<Float> alphas = new ArrayList<>();
            List<Float> betas = new ArrayList<>();
            for (String name : taken) {
                switch (name.toLowerCase(Locale.ROOT)) {
                    case "hardsigmoid" -> {
                        alphas.add(0.3f);
                        betas.add(0.45f);
                    }
                    case "scaledtanh" -> {
                        alphas.add(0.9f);
                        betas.add(0.7f);
                    }
                    case "leakyrelu" -> alphas.add(0.2f);
                    case "elu" -> alphas.add(0.7f);
                    default -> {}
                }
            }
            attributes.add(OnnxFiles.reals("activation_alpha", alphas));
            attributes.add(OnnxFiles.reals("activation_beta", betas));
        }
        return attributes.toArray(AttributeProto[]::new);
    }

    /** What PyTorch writes for a bidirectional, batch-first LSTM of two layers with a linear layer behind. */
    @ParameterizedTest
    @MethodSource("seeds")
    void takesWhatExportersPutRoundALayer(long seed) throws IOException, OrtException {
        Random random = new Random(seed);
        int size = 3 + random.nextInt(3);
        int rows = 1 + random.nextInt(3);
        int steps = 2 + random.nextInt(5);
        OnnxFiles file = new OnnxFiles(13, seed)
                .input("x", "batch", "time", "4")
                .weights("w0", 2, 4 * size, 4)
                .weights("r0", 2, 4 * size, size)
                .weights("b0", 2, 8 * size)
                .weights("w1", 2, 3 * size, 2 * size)
                .weights("r1", 2, 3 * size, size)
                .weights("b1", 2, 6 * size)
                .weights("fc.weight", 5, 2 * size)
                .weights("fc.bias", 5)
                .wholes("shape", 0, 0, -1)
                .wholes("last", -1)
                .node("Transpose", "x", "xt", OnnxFiles.wholes("perm", List.of(1, 0, 2)))
                .node(
                        "LSTM",
                        "xt,w0,r0,b0",
                        "y0,,",
                        OnnxFiles.of("hidden_size", size),
                        OnnxFiles.of("direction", "bidirectional"))
                .node("Transpose", "y0", "y0t", OnnxFiles.wholes("perm", List.of(0, 2, 1, 3)))
                .node("Reshape", "y0t,shape", "h0")
                .node(
                        "GRU",
                        "h0,w1,r1,b1",
                        "y1,last_h",
                        OnnxFiles.of("hidden_size", size),
                        OnnxFiles.of("linear_before_reset", 1L),
                        OnnxFiles.of("direction", "bidirectional"))
                .node("Transpose", "y1", "y1t", OnnxFiles.wholes("perm", List.of(0, 2, 1, 3)))
                .node("Reshape", "y1t,shape", "h1")
                .node("Transpose", "h1", "h", OnnxFiles.wholes("perm", List.of(1, 0, 2)))
                .node("Gather", "h,last", "end", OnnxFiles.of("axis", 1L))
                .node("Squeeze", "end,one", "row")
                .wholes("one", 1)
                .node("Gemm", "row,fc.weight,fc.bias", "logits", OnnxFiles.of("transB", 1L))
                .node("Softmax", "logits", "y", OnnxFiles.of("axis", 1L))
                .output("y", "batch", "5")
                .output("h", "batch", "time", String.valueOf(2 * size))
                .output("last_h", "2", "batch", String.valueOf(size));
        OnnxOracle.assertSame(file.write(folder), Map.of("x", OnnxOracle.random(seed, rows, steps, 4)), 1e-5);
    }

    static List<Long> seeds() {
        return List.of(1L, 2L, 3L, 4L);
    }
}

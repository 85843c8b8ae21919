package org.gatefold.backend.cuda.cudnn;

import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_DOUBLE;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_FLOAT;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_HALF;
import static jcuda.jcudnn.cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_DYNAMIC;
import static jcuda.jcudnn.cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_STATIC;
import static jcuda.jcudnn.cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H;
import static jcuda.jcudnn.cudnnRNNAlgo.CUDNN_RNN_ALGO_STANDARD;
import static jcuda.jcudnn.cudnnRNNBiasMode.CUDNN_RNN_DOUBLE_BIAS;
import static jcuda.jcudnn.cudnnRNNInputMode.CUDNN_SKIP_INPUT;
import static jcuda.jcudnn.cudnnRNNMode.CUDNN_GRU;
import static jcuda.jcudnn.cudnnRNNMode.CUDNN_LSTM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.BAD_PARAM;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.NOT_INITIALIZED;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.NOT_SUPPORTED;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.SUCCESS;
import static org.gatefold.backend.cuda.cudnn.RnnField.ALGORITHM;
import static org.gatefold.backend.cuda.cudnn.RnnField.AUX_FLAGS;
import static org.gatefold.backend.cuda.cudnn.RnnField.BIAS;
import static org.gatefold.backend.cuda.cudnn.RnnField.CELL;
import static org.gatefold.backend.cuda.cudnn.RnnField.DATA_TYPE;
import static org.gatefold.backend.cuda.cudnn.RnnField.DIRECTION;
import static org.gatefold.backend.cuda.cudnn.RnnField.HIDDEN_SIZE;
import static org.gatefold.backend.cuda.cudnn.RnnField.INPUT_MODE;
import static org.gatefold.backend.cuda.cudnn.RnnField.INPUT_SIZE;
import static org.gatefold.backend.cuda.cudnn.RnnField.MATH_PRECISION;
import static org.gatefold.backend.cuda.cudnn.RnnField.MATH_TYPE;
import static org.gatefold.backend.cuda.cudnn.RnnField.NUM_LAYERS;
import static org.gatefold.backend.cuda.cudnn.RnnField.PROJ_SIZE;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnRNNDescriptor;

/** What cuDNN accepts and refuses of the RNN descriptor and of its cell clip, and what stands in them afterwards. */
final class RnnDescriptorCases {
    private static final List<Integer> ALGORITHMS = List.of(
            CUDNN_RNN_ALGO_STANDARD,
            CUDNN_RNN_ALGO_PERSIST_STATIC,
            CUDNN_RNN_ALGO_PERSIST_DYNAMIC,
            CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H);

    /** Pairs of data type and precision of the arithmetic that STANDARD takes. */
    private static final List<List<Integer>> PRECISIONS = List.of(
            List.of(CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT),
            List.of(CUDNN_DATA_DOUBLE, CUDNN_DATA_DOUBLE),
            List.of(CUDNN_DATA_HALF, CUDNN_DATA_FLOAT),
            List.of(CUDNN_DATA_HALF, CUDNN_DATA_HALF));

    private RnnDescriptorCases() {}

    static List<DescriptorCase> all() {
        List<DescriptorCase> all = new ArrayList<>();
        all.addAll(precisions());
        all.addAll(cells());
        all.addAll(projectionsAndSkippedInputs());
        all.addAll(sizes());
        all.addAll(clips());
        all.addAll(histories());
        return all;
    }

    private static List<DescriptorCase> precisions() {
        List<DescriptorCase> all = new ArrayList<>();
        for (int algorithm : ALGORITHMS) {
            for (int type = CUDNN_DATA_FLOAT; type <= CUDNN_DATA_HALF; type++) {
                for (int precision = CUDNN_DATA_FLOAT; precision <= CUDNN_DATA_HALF; precision++) {
                    int status = takes(algorithm, type, precision) ? SUCCESS : NOT_SUPPORTED;
                    all.add(rnn(status, Map.of(ALGORITHM, algorithm, DATA_TYPE, type, MATH_PRECISION, precision)));
                }
            }
            for (int math = -1; math <= 4; math++) {
                int status = math < 0 || math > 3 ? BAD_PARAM : SUCCESS;
                all.add(rnn(status, Map.of(ALGORITHM, algorithm, MATH_TYPE, math)));
            }
        }
        for (int type = CUDNN_DATA_HALF + 1; type <= 13; type++) {
            all.add(rnn(NOT_SUPPORTED, Map.of(DATA_TYPE, type, MATH_PRECISION, CUDNN_DATA_FLOAT)));
            all.add(rnn(NOT_SUPPORTED, Map.of(DATA_TYPE, CUDNN_DATA_FLOAT, MATH_PRECISION, type)));
            all.add(rnn(NOT_SUPPORTED, Map.of(DATA_TYPE, type, MATH_PRECISION, type)));
        }
        return all;
    }

    /** The persistent algorithms know neither fp16 arithmetic nor, but for the dynamic one, fp64. */
    private static boolean takes(int algorithm, int type, int precision) {
        if (!PRECISIONS.contains(List.of(type, precision))) {
            return false;
        }
        return switch (algorithm) {
            case CUDNN_RNN_ALGO_STANDARD -> true;
            case CUDNN_RNN_ALGO_PERSIST_DYNAMIC -> precision != CUDNN_DATA_HALF;
            default -> precision == CUDNN_DATA_FLOAT;
        };
    }

    private static List<DescriptorCase> cells() {
        List<DescriptorCase> all = new ArrayList<>();
        for (int wrong : List.of(-1, 4)) {
            all.add(rnn(BAD_PARAM, Map.of(ALGORITHM, wrong)));
            all.add(rnn(BAD_PARAM, Map.of(CELL, wrong)));
            all.add(rnn(BAD_PARAM, Map.of(BIAS, wrong)));
        }
        for (int wrong : List.of(-1, 2)) {
            all.add(rnn(BAD_PARAM, Map.of(DIRECTION, wrong)));
            all.add(rnn(BAD_PARAM, Map.of(INPUT_MODE, wrong)));
        }
        for (int algorithm : ALGORITHMS) {
            boolean standard = algorithm == CUDNN_RNN_ALGO_STANDARD;
            for (int bias = 0; bias <= 3; bias++) {
                int status = standard || bias == CUDNN_RNN_DOUBLE_BIAS ? SUCCESS : NOT_SUPPORTED;
                all.add(rnn(status, Map.of(ALGORITHM, algorithm, BIAS, bias)));
            }
            for (int cell = 0; cell <= 3; cell++) {
                all.add(rnn(SUCCESS, Map.of(ALGORITHM, algorithm, CELL, cell, DIRECTION, 1, NUM_LAYERS, 3)));
                int projected = standard && cell == CUDNN_LSTM ? SUCCESS : NOT_SUPPORTED;
                all.add(rnn(projected, Map.of(ALGORITHM, algorithm, CELL, cell, PROJ_SIZE, 8)));
                all.add(rnn(NOT_SUPPORTED, Map.of(ALGORITHM, algorithm, CELL, cell, PROJ_SIZE, 17)));
            }
            // Limits of the card are not the descriptor's.
            all.add(rnn(SUCCESS, Map.of(ALGORITHM, algorithm, HIDDEN_SIZE, 8192, PROJ_SIZE, 8192)));
            // Nor is it asked whether the input can be skipped.
            all.add(rnn(SUCCESS, Map.of(ALGORITHM, algorithm, INPUT_MODE, 1)));
        }
        return all;
    }

    /** Stacks of both directions as implementations describe them, in every precision. */
    private static List<DescriptorCase> projectionsAndSkippedInputs() {
        List<DescriptorCase> all = new ArrayList<>();
        for (int algorithm : ALGORITHMS) {
            for (int cell : List.of(CUDNN_LSTM, CUDNN_GRU)) {
                boolean projects = algorithm == CUDNN_RNN_ALGO_STANDARD && cell == CUDNN_LSTM;
                for (CudnnType type : CudnnType.values()) {
                    Map<RnnField, Integer> stack = new EnumMap<>(RnnField.class);
                    stack.putAll(Map.of(ALGORITHM, algorithm, CELL, cell, DIRECTION, 1, NUM_LAYERS, 2, AUX_FLAGS, 1));
                    stack.putAll(Map.of(
                            DATA_TYPE, type.dataType(),
                            MATH_PRECISION, type.mathPrecision(),
                            MATH_TYPE, type.mathType()));
                    all.add(rnn(projects ? SUCCESS : NOT_SUPPORTED, with(stack, Map.of(PROJ_SIZE, 5))));
                    all.add(rnn(SUCCESS, with(stack, Map.of(INPUT_MODE, CUDNN_SKIP_INPUT, INPUT_SIZE, 16))));
                    all.add(rnn(
                            projects ? SUCCESS : NOT_SUPPORTED,
                            with(stack, Map.of(INPUT_MODE, CUDNN_SKIP_INPUT, INPUT_SIZE, 16, PROJ_SIZE, 5))));
                }
            }
        }
        return all;
    }

    private static Map<RnnField, Integer> with(Map<RnnField, Integer> stack, Map<RnnField, Integer> changes) {
        Map<RnnField, Integer> all = new EnumMap<>(stack);
        all.putAll(changes);
        return all;
    }

    private static List<DescriptorCase> sizes() {
        List<DescriptorCase> all = new ArrayList<>();
        for (int wrong : List.of(-1, 0)) {
            all.add(rnn(BAD_PARAM, Map.of(INPUT_SIZE, wrong)));
            all.add(rnn(BAD_PARAM, Map.of(HIDDEN_SIZE, wrong)));
            all.add(rnn(BAD_PARAM, Map.of(PROJ_SIZE, wrong)));
            all.add(rnn(BAD_PARAM, Map.of(NUM_LAYERS, wrong)));
        }
        all.add(rnn(SUCCESS, Map.of(INPUT_SIZE, 1, HIDDEN_SIZE, 1, PROJ_SIZE, 1)));
        all.add(rnn(SUCCESS, Map.of(AUX_FLAGS, 1)));
        for (int wrong : List.of(2, 3, 4, 8, -1)) {
            all.add(rnn(BAD_PARAM, Map.of(AUX_FLAGS, wrong)));
        }
        return all;
    }

    /** A descriptor of these settings, read back where it was accepted. */
    private static DescriptorCase rnn(int status, Map<RnnField, Integer> changes) {
        Map<RnnField, Integer> values = RnnField.usualBut(changes);
        List<Object> expected = new ArrayList<>(List.of(status));
        if (status == SUCCESS) {
            expected.add(SUCCESS);
            expected.addAll(values.values());
        } else {
            expected.add(NOT_INITIALIZED);
        }
        return new DescriptorCase(
                "RNN " + new TreeMap<>(changes),
                () -> withRnn(rnn -> {
                    List<Object> got = new ArrayList<>(List.of(RnnField.set(rnn, values)));
                    got.addAll(RnnField.get(rnn));
                    return got;
                }),
                expected);
    }

    private static List<DescriptorCase> clips() {
        double infinity = Double.POSITIVE_INFINITY;
        return List.of(
                clip(SUCCESS, 1, 0, -1, 1),
                clip(SUCCESS, 1, 1, -0.5, 2),
                clip(SUCCESS, 0, 0, -1, 1),
                clip(SUCCESS, 1, 0, 1, 1),
                clip(SUCCESS, 1, 0, -infinity, infinity),
                clip(SUCCESS, 2, 5, -1, 1), // neither mode nor NaN option is looked at
                clip(BAD_PARAM, 1, 0, 1, -1),
                clip(BAD_PARAM, 0, 0, 1, -1),
                clip(BAD_PARAM, 1, 0, Double.NaN, 1),
                clip(BAD_PARAM, 1, 0, 0, Double.NaN));
    }

    /** Clip of a descriptor that is set, read back. */
    private static DescriptorCase clip(int status, int mode, int nan, double low, double high) {
        List<Object> kept = status == SUCCESS ? List.of(mode, nan, low, high) : List.of(0, 0, 0.0, 0.0);
        List<Object> expected = new ArrayList<>(List.of(SUCCESS, status, SUCCESS));
        expected.addAll(kept);
        return new DescriptorCase(
                "clip mode " + mode + ", NaN option " + nan + ", from " + low + " to " + high,
                () -> withRnn(rnn -> {
                    List<Object> got = new ArrayList<>(List.of(
                            RnnField.set(rnn, RnnField.usualBut(Map.of())),
                            JCudnn.cudnnRNNSetClip_v8(rnn, mode, nan, low, high)));
                    got.addAll(getClip(rnn));
                    return got;
                }),
                expected);
    }

    /** What earlier calls leave behind. */
    private static List<DescriptorCase> histories() {
        Map<RnnField, Integer> usual = RnnField.usualBut(Map.of());
        Map<RnnField, Integer> refused = RnnField.usualBut(Map.of(PROJ_SIZE, 0, CELL, 3));
        return List.of(
                new DescriptorCase(
                        "a descriptor that was never set", () -> withRnn(RnnField::get), List.of(NOT_INITIALIZED)),
                new DescriptorCase(
                        "the clip of a descriptor that was never set",
                        () -> withRnn(RnnDescriptorCases::getClip),
                        List.of(SUCCESS, 0, 0, 0.0, 0.0)),
                new DescriptorCase(
                        "a refused setting leaves the one before",
                        () -> withRnn(rnn -> {
                            List<Object> got =
                                    new ArrayList<>(List.of(RnnField.set(rnn, usual), RnnField.set(rnn, refused)));
                            got.addAll(RnnField.get(rnn).subList(0, 3));
                            return got;
                        }),
                        List.of(SUCCESS, BAD_PARAM, SUCCESS, usual.get(ALGORITHM), usual.get(CELL))),
                new DescriptorCase(
                        "setting a descriptor removes its clip",
                        () -> withRnn(rnn -> {
                            List<Object> got = new ArrayList<>(
                                    List.of(JCudnn.cudnnRNNSetClip_v8(rnn, 1, 0, -1, 1), RnnField.set(rnn, usual)));
                            got.addAll(getClip(rnn));
                            return got;
                        }),
                        List.of(SUCCESS, SUCCESS, SUCCESS, 0, 0, 0.0, 0.0)),
                new DescriptorCase(
                        "a refused clip leaves the one before",
                        () -> withRnn(rnn -> {
                            List<Object> got = new ArrayList<>(List.of(
                                    JCudnn.cudnnRNNSetClip_v8(rnn, 1, 0, -1, 1),
                                    JCudnn.cudnnRNNSetClip_v8(rnn, 0, 0, 2, 1)));
                            got.addAll(getClip(rnn));
                            return got;
                        }),
                        List.of(SUCCESS, BAD_PARAM, SUCCESS, 1, 0, -1.0, 1.0)));
    }

    private static List<Object> getClip(cudnnRNNDescriptor rnn) {
        int[] mode = new int[1];
        int[] nan = new int[1];
        double[] low = new double[1];
        double[] high = new double[1];
        int status = JCudnn.cudnnRNNGetClip_v8(rnn, mode, nan, low, high);
        return List.of(status, mode[0], nan[0], low[0], high[0]);
    }

    private static List<Object> withRnn(Function<cudnnRNNDescriptor, List<Object>> calls) {
        cudnnRNNDescriptor rnn = new cudnnRNNDescriptor();
        assertThat(JCudnn.cudnnCreateRNNDescriptor(rnn)).isEqualTo(SUCCESS);
        List<Object> got = calls.apply(rnn);
        assertThat(JCudnn.cudnnDestroyRNNDescriptor(rnn)).isEqualTo(SUCCESS);
        return got;
    }
}

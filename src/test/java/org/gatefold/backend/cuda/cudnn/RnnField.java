package org.gatefold.backend.cuda.cudnn;

import static jcuda.jcudnn.JCudnn.cudnnGetRNNDescriptor_v8;
import static jcuda.jcudnn.JCudnn.cudnnSetRNNDescriptor_v8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDirectionMode;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnRNNAlgo;
import jcuda.jcudnn.cudnnRNNBiasMode;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnRNNInputMode;
import jcuda.jcudnn.cudnnRNNMode;

/** The fields of cuDNN's RNN descriptor in the order of its call, each with a value that is accepted. */
enum RnnField {
    ALGORITHM(cudnnRNNAlgo.CUDNN_RNN_ALGO_STANDARD),
    CELL(cudnnRNNMode.CUDNN_LSTM),
    BIAS(cudnnRNNBiasMode.CUDNN_RNN_DOUBLE_BIAS),
    DIRECTION(cudnnDirectionMode.CUDNN_UNIDIRECTIONAL),
    INPUT_MODE(cudnnRNNInputMode.CUDNN_LINEAR_INPUT),
    DATA_TYPE(cudnnDataType.CUDNN_DATA_FLOAT),
    MATH_PRECISION(cudnnDataType.CUDNN_DATA_FLOAT),
    MATH_TYPE(cudnnMathType.CUDNN_FMA_MATH),
    INPUT_SIZE(8),
    HIDDEN_SIZE(16),
    PROJ_SIZE(16),
    NUM_LAYERS(1),
    AUX_FLAGS(0);

    private final int usual;

    RnnField(int usual) {
        this.usual = usual;
    }

    /** The values that are accepted, with some of them changed. */
    static Map<RnnField, Integer> usualBut(Map<RnnField, Integer> changes) {
        Map<RnnField, Integer> values = new EnumMap<>(RnnField.class);
        for (RnnField field : values()) {
            values.put(field, changes.getOrDefault(field, field.usual));
        }
        return values;
    }

    /** Sets the descriptor; cuDNN's status. */
    static int set(cudnnRNNDescriptor rnn, Map<RnnField, Integer> values) {
        return cudnnSetRNNDescriptor_v8(
                rnn,
                values.get(ALGORITHM),
                values.get(CELL),
                values.get(BIAS),
                values.get(DIRECTION),
                values.get(INPUT_MODE),
                values.get(DATA_TYPE),
                values.get(MATH_PRECISION),
                values.get(MATH_TYPE),
                values.get(INPUT_SIZE),
                values.get(HIDDEN_SIZE),
                values.get(PROJ_SIZE),
                values.get(NUM_LAYERS),
                new cudnnDropoutDescriptor(),
                values.get(AUX_FLAGS));
    }

    /** The status of reading the descriptor and, where that succeeds, the values in the order of the fields. */
    static List<Object> get(cudnnRNNDescriptor rnn) {
        int[][] to = new int[values().length][1];
        int status = cudnnGetRNNDescriptor_v8(
                rnn,
                to[0],
                to[1],
                to[2],
                to[3],
                to[4],
                to[5],
                to[6],
                to[7],
                to[8],
                to[9],
                to[10],
                to[11],
                new cudnnDropoutDescriptor(),
                to[12]);
        List<Object> result = new ArrayList<>(List.of(status));
        if (status == 0) {
            Arrays.stream(to).forEach(value -> result.add(value[0]));
        }
        return result;
    }
}

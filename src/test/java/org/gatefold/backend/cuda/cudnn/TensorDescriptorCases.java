package org.gatefold.backend.cuda.cudnn;

import static jcuda.jcudnn.JCudnn.cudnnCreateTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnGetTensorNdDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnGetTensorSizeInBytes;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensorNdDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensorNdDescriptorEx;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_FLOAT;
import static jcuda.jcudnn.cudnnTensorFormat.CUDNN_TENSOR_NCHW;
import static jcuda.jcudnn.cudnnTensorFormat.CUDNN_TENSOR_NHWC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.BAD_PARAM;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.NOT_SUPPORTED;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.SUCCESS;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import jcuda.jcudnn.cudnnTensorDescriptor;

/** What cuDNN accepts and refuses of tensors, and what stands in a descriptor afterwards. */
final class TensorDescriptorCases {
    /** Bytes of an element by data type; of those that are blocks of elements, of a block. */
    private static final int[] ELEMENT = {4, 8, 2, 1, 4, 4, 1, 4, 32, 2};

    private TensorDescriptorCases() {}

    static List<DescriptorCase> all() {
        List<DescriptorCase> all = new ArrayList<>();
        for (int type = 0; type < 16; type++) {
            int status = type < ELEMENT.length ? SUCCESS : BAD_PARAM;
            all.add(strided(status, type, of(2, 3, 4), of(12, 4, 1), 24));
        }
        all.add(strided(BAD_PARAM, -1, of(2, 3, 4), of(12, 4, 1), 24));
        int f = CUDNN_DATA_FLOAT;
        all.add(strided(SUCCESS, f, of(2, 3), of(3, 1), 6));
        all.add(strided(SUCCESS, f, of(2, 3, 4, 5), of(60, 20, 5, 1), 120));
        all.add(strided(SUCCESS, f, of(2, 3, 4, 5, 6, 1, 1, 1), of(360, 120, 30, 6, 1, 1, 1, 1), 720));
        all.add(strided(SUCCESS, f, of(2, 3, 4), of(1, 2, 6), 24));
        all.add(strided(SUCCESS, f, of(2, 3, 4), of(100, 10, 1), 124));
        all.add(strided(NOT_SUPPORTED, f, of(2, 1, 1, 1, 1, 1, 1, 1, 1), of(1, 1, 1, 1, 1, 1, 1, 1, 1), 0));
        all.add(strided(BAD_PARAM, f, of(2), of(1), 0));
        all.add(strided(BAD_PARAM, f, of(0, 3, 4), of(12, 4, 1), 0));
        all.add(strided(BAD_PARAM, f, of(2, -1, 4), of(12, 4, 1), 0));
        all.add(strided(BAD_PARAM, f, of(2, 3, 4), of(0, 4, 1), 0));
        all.add(formatted(SUCCESS, CUDNN_TENSOR_NCHW, of(2, 3, 4), of(12, 4, 1)));
        all.add(formatted(SUCCESS, CUDNN_TENSOR_NHWC, of(2, 3, 4), of(12, 1, 3)));
        all.add(formatted(SUCCESS, CUDNN_TENSOR_NCHW, of(2, 3, 4, 5), of(60, 20, 5, 1)));
        all.add(formatted(SUCCESS, CUDNN_TENSOR_NHWC, of(2, 3, 4, 5), of(60, 1, 15, 3)));
        all.add(formatted(SUCCESS, CUDNN_TENSOR_NHWC, of(2, 3, 4, 5, 6), of(360, 1, 90, 18, 3)));
        all.add(formatted(BAD_PARAM, 3, of(2, 3, 4, 5), of(0, 0, 0, 0)));
        all.add(formatted(BAD_PARAM, CUDNN_TENSOR_NCHW, of(2, 0, 4, 5), of(0, 0, 0, 0)));
        all.add(formatted(BAD_PARAM, CUDNN_TENSOR_NCHW, of(-2, 3, 4, 5), of(0, 0, 0, 0)));
        all.add(new DescriptorCase(
                "the first sizes of a tensor",
                () -> withTensor(tensor -> cudnnSetTensorNdDescriptor(tensor, f, 3, of(2, 3, 4), of(12, 4, 1)), 2),
                List.of(SUCCESS, SUCCESS, f, 3, 2, 3, 12, 4, SUCCESS, 96L)));
        all.add(new DescriptorCase(
                "a tensor that was never set",
                () -> withTensor(tensor -> SUCCESS, 3),
                List.of(SUCCESS, SUCCESS, 0, 0, 0, 0, 0, 0, 0, 0, SUCCESS, 0L)));
        return all;
    }

    private static int[] of(int... values) {
        return values;
    }

    /** @param span from the first to the last element, in elements */
    private static DescriptorCase strided(int status, int type, int[] sizes, int[] strides, long span) {
        return new DescriptorCase(
                "tensor of type " + type + ", " + Arrays.toString(sizes) + " by " + Arrays.toString(strides),
                () -> withTensor(
                        tensor -> cudnnSetTensorNdDescriptor(tensor, type, sizes.length, sizes, strides), sizes.length),
                readBack(status, type, sizes, strides, span));
    }

    /** Four sizes are also set by the call for four. */
    private static DescriptorCase formatted(int status, int format, int[] sizes, int[] strides) {
        int f = CUDNN_DATA_FLOAT;
        long elements = Arrays.stream(sizes).asLongStream().reduce(1, (a, b) -> a * b);
        return new DescriptorCase(
                "tensor in format " + format + ", " + Arrays.toString(sizes),
                () -> withTensor(
                        tensor -> sizes.length == 4
                                ? cudnnSetTensor4dDescriptor(tensor, format, f, sizes[0], sizes[1], sizes[2], sizes[3])
                                : cudnnSetTensorNdDescriptorEx(tensor, format, f, sizes.length, sizes),
                        sizes.length),
                readBack(status, f, sizes, strides, elements));
    }

    private static List<Object> readBack(int status, int type, int[] sizes, int[] strides, long span) {
        List<Object> expected = new ArrayList<>(List.of(status));
        if (status == SUCCESS) {
            expected.addAll(List.of(SUCCESS, type, sizes.length));
            Arrays.stream(sizes).forEach(expected::add);
            Arrays.stream(strides).forEach(expected::add);
            expected.addAll(List.of(SUCCESS, span * ELEMENT[type]));
        }
        return expected;
    }

    /**
     * Sets a tensor; the statuses and, where it was accepted, everything that can be read, of so many dimensions. The real
     * library leaves parts of a refused one behind.
     */
    private static List<Object> withTensor(ToIntFunction<cudnnTensorDescriptor> set, int dimensions) {
        cudnnTensorDescriptor tensor = new cudnnTensorDescriptor();
        assertThat(cudnnCreateTensorDescriptor(tensor)).isEqualTo(SUCCESS);
        List<Object> got = new ArrayList<>(List.of(set.applyAsInt(tensor)));
        if (got.contains(SUCCESS)) {
            got.addAll(read(tensor, dimensions));
        }
        assertThat(cudnnDestroyTensorDescriptor(tensor)).isEqualTo(SUCCESS);
        return got;
    }

    private static List<Object> read(cudnnTensorDescriptor tensor, int dimensions) {
        int[] type = new int[1];
        int[] count = new int[1];
        int[] sizes = new int[dimensions];
        int[] strides = new int[dimensions];
        List<Object> got = new ArrayList<>();
        got.add(cudnnGetTensorNdDescriptor(tensor, dimensions, type, count, sizes, strides));
        got.addAll(List.of(type[0], count[0]));
        Arrays.stream(sizes).forEach(got::add);
        Arrays.stream(strides).forEach(got::add);
        long[] bytes = new long[1];
        got.add(cudnnGetTensorSizeInBytes(tensor, bytes));
        got.add(bytes[0]);
        return got;
    }
}

package org.gatefold.backend.cuda.cudnn;

import static jcuda.jcudnn.JCudnn.cudnnCreateRNNDataDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyRNNDataDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnGetRNNDataDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetRNNDataDescriptor;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_DOUBLE;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_FLOAT;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_HALF;
import static jcuda.jcudnn.cudnnRNNDataLayout.CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED;
import static jcuda.jcudnn.cudnnRNNDataLayout.CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED;
import static jcuda.jcudnn.cudnnRNNDataLayout.CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.BAD_PARAM;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.NOT_SUPPORTED;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.SUCCESS;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import org.gatefold.backend.cuda.driver.Addresses;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Tensor;

/** What cuDNN accepts and refuses of the descriptor of sequences, and what stands in it afterwards. */
final class SequenceDescriptorCases {
    private static final int UNPACKED = CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED;
    private static final int PACKED = CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED;
    private static final int BATCH_MAJOR = CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED;

    private SequenceDescriptorCases() {}

    static List<DescriptorCase> all() {
        List<DescriptorCase> all = new ArrayList<>();
        for (int layout : List.of(UNPACKED, PACKED, BATCH_MAJOR)) {
            for (int type = CUDNN_DATA_FLOAT; type <= 13; type++) {
                all.add(data(type <= CUDNN_DATA_HALF ? SUCCESS : NOT_SUPPORTED, type, layout, 5, 3, 4, 5, 3, 2));
            }
            for (int wrong : List.of(0, -1)) {
                all.add(data(BAD_PARAM, CUDNN_DATA_FLOAT, layout, wrong, 3, 4, 5, 3, 2));
                all.add(data(BAD_PARAM, CUDNN_DATA_FLOAT, layout, 5, wrong, 4, 5, 3, 2));
                all.add(data(BAD_PARAM, CUDNN_DATA_FLOAT, layout, 5, 3, wrong, 5, 3, 2));
            }
            all.add(lengths(SUCCESS, layout, 5, 5, 5));
            all.add(lengths(BAD_PARAM, layout, 5, -1, 2));
            all.add(lengths(BAD_PARAM, layout, 6, 3, 2));
            // Packed sequences are in order of length, none is empty, and the first is as long as the descriptor says.
            int onlyUnpacked = layout == PACKED ? BAD_PARAM : SUCCESS;
            all.add(lengths(onlyUnpacked, layout, 3, 5, 2));
            all.add(lengths(onlyUnpacked, layout, 4, 3, 2));
            all.add(lengths(onlyUnpacked, layout, 5, 3, 0));
            all.add(lengths(onlyUnpacked, layout, 0, 0, 0));
        }
        all.add(data(BAD_PARAM, -1, UNPACKED, 5, 3, 4, 5, 3, 2));
        all.add(data(BAD_PARAM, CUDNN_DATA_FLOAT, -1, 5, 3, 4, 5, 3, 2));
        all.add(data(BAD_PARAM, CUDNN_DATA_FLOAT, 3, 5, 3, 4, 5, 3, 2));
        all.addAll(fills());
        all.addAll(histories());
        return all;
    }

    private static DescriptorCase lengths(int status, int layout, int... lengths) {
        return data(status, CUDNN_DATA_FLOAT, layout, 5, lengths.length, 4, lengths);
    }

    /** A descriptor of these settings, read back; zeros where it was refused. */
    private static DescriptorCase data(
            int status, int type, int layout, int maxLength, int batch, int vector, int... lengths) {
        List<Object> expected = new ArrayList<>(List.of(status, SUCCESS));
        if (status == SUCCESS) {
            expected.addAll(List.of(type, layout, maxLength, batch, vector));
            Arrays.stream(lengths).forEach(expected::add);
        } else {
            expected.addAll(List.of(0, 0, 0, 0, 0, 0, 0, 0));
        }
        return new DescriptorCase(
                "sequences of type " + type + ", layout " + layout + ", " + maxLength + " x " + batch + " x " + vector
                        + ", lengths " + Arrays.toString(lengths),
                () -> withData((data, element) -> {
                    List<Object> got = new ArrayList<>(List.of(
                            cudnnSetRNNDataDescriptor(data, type, layout, maxLength, batch, vector, lengths, null)));
                    got.addAll(get(data, lengths.length, element));
                    return got;
                }),
                expected);
    }

    private static List<DescriptorCase> fills() {
        return List.of(
                fill(CUDNN_DATA_FLOAT, UNPACKED, 0x40200000L),
                fill(CUDNN_DATA_FLOAT, PACKED, 0xBF800000L),
                fill(CUDNN_DATA_DOUBLE, BATCH_MAJOR, Double.doubleToLongBits(3.5)),
                fill(CUDNN_DATA_HALF, UNPACKED, 0x3C00L));
    }

    /** The element that padding is filled with is copied and read back. */
    private static DescriptorCase fill(int type, int layout, long bits) {
        return new DescriptorCase(
                "sequences of type " + type + ", layout " + layout + ", padding " + Long.toHexString(bits),
                () -> withData((data, element) -> {
                    element.set(bits);
                    int status =
                            cudnnSetRNNDataDescriptor(data, type, layout, 5, 2, 4, new int[] {5, 3}, element.pointer());
                    element.set(0);
                    get(data, 2, element);
                    return List.of(status, element.get());
                }),
                List.of(SUCCESS, bits));
    }

    private static List<DescriptorCase> histories() {
        return List.of(
                new DescriptorCase(
                        "sequences that were never set",
                        () -> withData((data, element) -> get(data, 2, element)),
                        List.of(SUCCESS, 0, 0, 0, 0, 0, 0, 0)),
                new DescriptorCase(
                        "refused sequences leave those before",
                        () -> withData((data, element) -> {
                            List<Object> got = new ArrayList<>(List.of(
                                    cudnnSetRNNDataDescriptor(
                                            data, CUDNN_DATA_FLOAT, UNPACKED, 5, 2, 4, new int[] {3, 5}, null),
                                    cudnnSetRNNDataDescriptor(
                                            data, CUDNN_DATA_HALF, PACKED, 6, 2, 3, new int[] {3, 5}, null)));
                            got.addAll(get(data, 2, element));
                            return got;
                        }),
                        List.of(SUCCESS, BAD_PARAM, SUCCESS, CUDNN_DATA_FLOAT, UNPACKED, 5, 2, 4, 3, 5)),
                new DescriptorCase(
                        "some of the lengths",
                        () -> withData((data, element) -> {
                            List<Object> got = new ArrayList<>(List.of(cudnnSetRNNDataDescriptor(
                                    data, CUDNN_DATA_FLOAT, UNPACKED, 5, 3, 4, new int[] {3, 5, 4}, null)));
                            got.addAll(get(data, 2, element));
                            return got;
                        }),
                        List.of(SUCCESS, SUCCESS, CUDNN_DATA_FLOAT, UNPACKED, 5, 3, 4, 3, 5)));
    }

    /** The status of reading, the numbers and as many lengths as asked for. */
    private static List<Object> get(cudnnRNNDataDescriptor data, int count, Element fill) {
        int[][] to = new int[5][1];
        int[] lengths = new int[count];
        int status = cudnnGetRNNDataDescriptor(data, to[0], to[1], to[2], to[3], to[4], count, lengths, fill.pointer());
        List<Object> result = new ArrayList<>(List.of(status));
        Arrays.stream(to).forEach(value -> result.add(value[0]));
        Arrays.stream(lengths).forEach(result::add);
        return result;
    }

    private static List<Object> withData(BiFunction<cudnnRNNDataDescriptor, Element, List<Object>> calls) {
        try (Device cpu = Devices.cpu();
                Scope memory = cpu.openScope("an element")) {
            cudnnRNNDataDescriptor data = new cudnnRNNDataDescriptor();
            assertThat(cudnnCreateRNNDataDescriptor(data)).isEqualTo(SUCCESS);
            List<Object> got = calls.apply(data, new Element(memory.i32("an element", 2)));
            assertThat(cudnnDestroyRNNDataDescriptor(data)).isEqualTo(SUCCESS);
            return got;
        }
    }

    /**
     * An element of up to eight bytes in native memory. JCudnn hands over nothing else where the type is open: arrays and
     * buffers become null.
     */
    private record Element(Tensor words) {
        Pointer pointer() {
            return Addresses.pointer(words.address());
        }

        void set(long bits) {
            words.write((int) bits, (int) (bits >>> 32));
        }

        long get() {
            int[] halves = words.toInts();
            return Integer.toUnsignedLong(halves[0]) | (long) halves[1] << 32;
        }
    }
}

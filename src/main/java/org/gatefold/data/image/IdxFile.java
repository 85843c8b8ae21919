package org.gatefold.data.image;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.file.DataStream;

/**
 * Bytes of several dimensions, in the format of the MNIST images and labels (IDX). Immutable and thread-safe.
 *
 * <p>Gzip is unpacked; the length of the bytes is bounded as that of a {@link DataStream} is.
 */
public final class IdxFile {
    private static final int BYTES = 8;

    private final String source;
    private final List<Integer> dimensions;
    private final byte[] bytes;

    private IdxFile(String source, List<Integer> dimensions, byte[] bytes) {
        this.source = source;
        this.dimensions = dimensions;
        this.bytes = bytes;
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is not of this format, holds other elements than bytes, or is too long or too
     *     short for its dimensions
     */
    public static IdxFile read(Path file) throws IOException {
        return read(DataStream.of(file, 0));
    }

    /** Reads a stream, which {@code source} names in messages; closes it. As {@link #read(Path)} else. */
    public static IdxFile read(String source, InputStream stream) throws IOException {
        return read(DataStream.of(source, stream, 0));
    }

    private static IdxFile read(DataStream stream) throws IOException {
        String source = stream.source();
        try (DataInputStream data = new DataInputStream(stream)) {
            int magic = data.readInt();
            int rank = magic & 0xff;
            if (magic >>> 16 != 0 || rank == 0) {
                throw new IllegalArgumentException(
                        source + ": expected an IDX file, which begins with two zeros, its type and its rank, got "
                                + String.format("%08x", magic));
            }
            if ((magic >>> 8) != BYTES) {
                throw new IllegalArgumentException(
                        source + ": expected bytes (type 08), got type " + String.format("%02x", magic >>> 8));
            }
            long count = 1;
            int[] dimensions = new int[rank];
            for (int i = 0; i < rank; i++) {
                dimensions[i] = data.readInt();
                count *= Math.max(0, dimensions[i]);
                if (dimensions[i] < 1 || count > Integer.MAX_VALUE - 8) {
                    throw new IllegalArgumentException(
                            source + ": expected dimensions of at least 1 and at most " + (Integer.MAX_VALUE - 8)
                                    + " bytes together, got " + dimensions[i] + " as number " + (i + 1));
                }
            }
            // Grows with what is there, not with what the header claims.
            byte[] bytes = data.readNBytes((int) count);
            if (bytes.length < count) {
                throw new EOFException();
            }
            if (data.read() >= 0) {
                throw new IllegalArgumentException(
                        source + ": expected " + count + " bytes behind its header, got more");
            }
            return new IdxFile(source, IntStream.of(dimensions).boxed().toList(), bytes);
        } catch (EOFException e) {
            throw new IllegalArgumentException(source + ": is shorter than its dimensions say", e);
        }
    }

    /** The number of rows: images or labels. */
    public int rows() {
        return dimensions.get(0);
    }

    /** The dimensions of one row, outermost first: {@code [28, 28]} for MNIST's images, none for labels. */
    public List<Integer> rowDimensions() {
        return dimensions.subList(1, dimensions.size());
    }

    /** {@code [row][element]}, 0 to 1: bytes divided by 255. */
    public float[][] numbers() {
        int size = bytes.length / rows();
        float[][] numbers = new float[rows()][size];
        for (int i = 0; i < bytes.length; i++) {
            numbers[i / size][i % size] = (bytes[i] & 0xff) / 255f;
        }
        return numbers;
    }

    /**
     * One id per row.
     *
     * @throws IllegalArgumentException if rows have dimensions
     */
    public int[] ids() {
        if (dimensions.size() != 1) {
            throw new IllegalArgumentException(source + ": expected one id per row, got rows of " + rowDimensions());
        }
        return IntStream.range(0, bytes.length).map(row -> bytes[row] & 0xff).toArray();
    }
}

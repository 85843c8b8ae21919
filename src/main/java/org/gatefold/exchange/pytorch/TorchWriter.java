package org.gatefold.exchange.pytorch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.gatefold.file.Safetensors;
import org.gatefold.tensor.Shape;

/**
 * Writes a state dict as {@code torch.save} does: a zip archive without compression, with a pickle of protocol 2 that names storages, and
 * one entry of little-endian floats for each. {@code torch.load(FILE, weights_only=True)} opens it. For one file, one thread.
 */
final class TorchWriter {
    private static final String FOLDER = "archive/";

    /** What an entry begins at a multiple of, as in PyTorch's own archives. */
    private static final int ALIGNMENT = 64;

    private static final int ENTRY_HEADER = 30;
    private static final int EXTRA_HEADER = 4;

    /** "Zip padding", as PyTorch's writer calls it: "FB". */
    private static final short PADDING = 0x4246;

    private final ZipOutputStream zip;
    private long written;

    private TorchWriter(OutputStream out) {
        zip = new ZipOutputStream(out);
        zip.setMethod(ZipOutputStream.STORED);
    }

    static void write(OutputStream out, List<Safetensors.Source> tensors) throws IOException {
        TorchWriter writer = new TorchWriter(out);
        writer.entry("data.pkl", pickle(tensors));
        writer.entry("byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < tensors.size(); i++) {
            float[] values = tensors.get(i).values().get();
            ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            writer.entry("data/" + i, bytes.array());
        }
        writer.entry("version", "3\n".getBytes(StandardCharsets.US_ASCII));
        writer.zip.finish();
    }

    private void entry(String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(FOLDER + name);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setCrc(crc.getValue());
        entry.setSize(bytes.length);
        entry.setCompressedSize(bytes.length);
        entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
        long begin = written + ENTRY_HEADER + entry.getName().length();
        int padding = (int) ((2 * ALIGNMENT - (begin + EXTRA_HEADER) % ALIGNMENT) % ALIGNMENT);
        ByteBuffer extra = ByteBuffer.allocate(EXTRA_HEADER + padding).order(ByteOrder.LITTLE_ENDIAN);
        entry.setExtra(extra.putShort(PADDING).putShort((short) padding).array());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
        written = begin + EXTRA_HEADER + padding + bytes.length;
    }

    private static byte[] pickle(List<Safetensors.Source> tensors) {
        Pickle pickle = new Pickle();
        pickle.raw("\u0080\u0002").global("collections", "OrderedDict").raw(")R(");
        for (int i = 0; i < tensors.size(); i++) {
            Shape shape = tensors.get(i).shape();
            pickle.text(tensors.get(i).name())
                    .global("torch._utils", "_rebuild_tensor_v2")
                    .raw("((");
            pickle.text("storage")
                    .global("torch", "FloatStorage")
                    .text(String.valueOf(i))
                    .text("cpu");
            pickle.number(Math.toIntExact(shape.elements())).raw("tQK\u0000(");
            long stride = shape.elements();
            for (int size : shape.toArray()) {
                pickle.number(size);
            }
            pickle.raw("t(");
            for (int size : shape.toArray()) {
                stride /= size;
                pickle.number(Math.toIntExact(stride));
            }
            pickle.raw("t\u0089").global("collections", "OrderedDict").raw(")RtR");
        }
        return pickle.raw("u.").bytes.toByteArray();
    }

    /** Opcodes of protocol 2. */
    private static final class Pickle {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Pickle raw(String opcodes) {
            bytes.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        Pickle global(String module, String name) {
            return raw("c" + module + "\n" + name + "\n");
        }

        Pickle text(String text) {
            byte[] utf = text.getBytes(StandardCharsets.UTF_8);
            raw("X").integer(utf.length);
            bytes.writeBytes(utf);
            return this;
        }

        Pickle number(int value) {
            return raw("J").integer(value);
        }

        private Pickle integer(int value) {
            bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
            return this;
        }
    }
}

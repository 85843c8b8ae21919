package org.gatefold.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RasterImageTest {
    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return bytes.toByteArray();
    }

    private static RasterImage read(byte... bytes) throws IOException {
        return RasterImage.read("a.png", new ByteArrayInputStream(bytes));
    }

    @ParameterizedTest
    @CsvSource({"png, 1", "bmp, 1", "png, 2", "png, 5"})
    void readsColoursWithoutTransparency(String format, int type) throws IOException {
        BufferedImage image = new BufferedImage(3, 2, type);
        image.setRGB(2, 0, 0xffff3300);
        image.setRGB(0, 1, 0xff0000cc);
        RasterImage read = read(encoded(image, format));
        assertThat(new int[] {read.channels(), read.height(), read.width()}).containsExactly(3, 2, 3);
        assertThat(read.values()).containsExactly(0, 0, 1, 0, 0, 0, 0, 0, 0.2f, 0, 0, 0, 0, 0, 0, 0.8f, 0, 0);
    }

    /** Red beside blue, without losses. */
    private static final byte[] WEBP =
            Base64.getDecoder().decode("UklGRiQAAABXRUJQVlA4TBgAAAAvAQAAAIj5n//+RwIAAAAAAAAAAAAAAAA=");

    @Test
    void readsWebp() throws IOException {
        RasterImage read = read(WEBP);
        assertThat(new int[] {read.channels(), read.height(), read.width()}).containsExactly(3, 1, 2);
        assertThat(read.values()).containsExactly(1, 0, 0, 0, 0, 1);
    }

    @Test
    void tellsWhichLibraryReadsWebp() {
        IIORegistry registry = IIORegistry.getDefaultInstance();
        List<ImageReaderSpi> readers = new ArrayList<>();
        registry.getServiceProviders(
                        ImageReaderSpi.class,
                        spi -> List.of(((ImageReaderSpi) spi).getFormatNames()).contains("webp"),
                        false)
                .forEachRemaining(readers::add);
        readers.forEach(registry::deregisterServiceProvider);
        try {
            assertThatIllegalStateException()
                    .isThrownBy(() -> read(WEBP))
                    .withMessage(
                            "a.png: expected a library to decode WebP, com.twelvemonkeys.imageio:imageio-webp on the class path,"
                                    + " got none");
        } finally {
            readers.forEach(registry::registerServiceProvider);
        }
    }

    @Test
    void readsGreyAsItIsStored() throws IOException {
        BufferedImage bytes = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        bytes.getRaster().setSample(1, 0, 0, 51);
        assertThat(read(encoded(bytes, "png")).values()).containsExactly(0, 0.2f);
        BufferedImage shorts = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        shorts.getRaster().setSample(1, 0, 0, 13107);
        RasterImage read = read(encoded(shorts, "png"));
        assertThat(read.channels()).isEqualTo(1);
        assertThat(read.values()).containsExactly(0, 0.2f);
    }

    @Test
    void readsPalettes() throws IOException {
        byte[] ramp = {0, 51, -1, 102};
        IndexColorModel palette = new IndexColorModel(2, 4, ramp, new byte[4], ramp);
        BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_INDEXED, palette);
        for (int x = 0; x < 4; x++) {
            image.getRaster().setSample(x, 0, 0, x);
        }
        for (String format : new String[] {"png", "gif"}) {
            assertThat(read(encoded(image, format)).values())
                    .containsExactly(0, 0.2f, 1, 0.4f, 0, 0, 0, 0, 0, 0.2f, 1, 0.4f);
        }
    }

    @Test
    void readsJpegFilesWithoutATemporaryFolder(@TempDir Path folder) throws IOException {
        BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 128; i++) {
            image.setRGB(i % 16, i / 16, 0x336699);
        }
        Path file = Files.write(folder.resolve("a.jpg"), encoded(image, "jpg"));
        Path gone = Files.createDirectory(folder.resolve("gone"));
        File before = ImageIO.getCacheDirectory();
        ImageIO.setCacheDirectory(gone.toFile());
        Files.delete(gone);
        try {
            RasterImage read = RasterImage.read(file);
            assertThat(read.values()[5]).isEqualTo(0.2f, within(0.02f));
            assertThat(read.values()[128 + 5]).isEqualTo(0.4f, within(0.02f));
            assertThat(read.values()[256 + 5]).isEqualTo(0.6f, within(0.02f));
        } finally {
            ImageIO.setCacheDirectory(before);
        }
    }

    @Test
    void weighsColoursByHowBrightTheyLook() {
        RasterImage image = new RasterImage(3, 1, 2, new float[] {1, 0.5f, 0, 0.5f, 0, 0.5f});
        RasterImage grey = image.grey();
        assertThat(grey.channels()).isEqualTo(1);
        assertThat(grey.values()[0]).isEqualTo(0.299f, within(1e-6f));
        assertThat(grey.values()[1]).isEqualTo(0.5f, within(1e-6f));
        assertThat(grey.grey()).isSameAs(grey);
        assertThat(grey.colour().values()).hasSize(6).contains(grey.values()[0], grey.values()[0], grey.values()[0]);
        assertThat(image.colour()).isSameAs(image);
    }

    @Test
    void shrinksByATriangleAsWideAsTheNewPixels() {
        // Weights 3/4, 3/4, 1/4 over their sum, by hand.
        float[] narrow = {(3 * 0.1f + 3 * 0.2f + 0.4f) / 7, (0.2f + 3 * 0.4f + 3 * 0.8f) / 7};
        RasterImage row = new RasterImage(1, 1, 4, new float[] {0.1f, 0.2f, 0.4f, 0.8f}).resized(1, 2);
        assertThat(row.values()).containsExactly(narrow, within(1e-6f));
        RasterImage column = new RasterImage(1, 4, 1, new float[] {0.1f, 0.2f, 0.4f, 0.8f}).resized(2, 1);
        assertThat(column.values()).containsExactly(narrow, within(1e-6f));
    }

    @Test
    void growsBilinearly() {
        RasterImage row = new RasterImage(1, 1, 2, new float[] {0, 1}).resized(1, 4);
        assertThat(row.values()).containsExactly(new float[] {0, 0.25f, 0.75f, 1}, within(1e-6f));
    }

    @Test
    void keepsChannelsApartAndFlatAreasFlat() {
        float[] values = new float[3 * 5 * 7];
        for (int channel = 0; channel < 3; channel++) {
            Arrays.fill(values, channel * 35, (channel + 1) * 35, 0.3f * channel);
        }
        RasterImage image = new RasterImage(3, 5, 7, values);
        for (int[] size : new int[][] {{2, 3}, {9, 11}, {1, 1}, {5, 7}}) {
            RasterImage resized = image.resized(size[0], size[1]);
            int plane = size[0] * size[1];
            for (int i = 0; i < 3 * plane; i++) {
                assertThat(resized.values()[i]).isEqualTo(0.3f * Math.floorDiv(i, plane), within(1e-6f));
            }
        }
        RasterImage noise = new RasterImage(1, 3, 4, floats(new Random(1), 12));
        assertThat(noise.resized(3, 4).values()).containsExactly(noise.values(), within(1e-7f));
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void refusesWhatIsCutOffOrDamaged(String format) throws IOException {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(2);
        for (int i = 0; i < 64 * 64; i++) {
            image.setRGB(i % 64, i / 64, random.nextInt(1 << 24));
        }
        byte[] bytes = encoded(image, format);
        for (int length : new int[] {12, 40, bytes.length / 2, bytes.length - 60}) {
            assertThatIllegalArgumentException()
                    .as("%d of %d bytes", length, bytes.length)
                    .isThrownBy(() -> read(Arrays.copyOf(bytes, length)))
                    .withMessageStartingWith("a.png: is no sound image: ");
        }
        if (format.equals("jpg")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(Arrays.copyOf(bytes, bytes.length - 2)))
                    .as("told before Java's reader sees it")
                    .withMessage("a.png: is no sound image: the end of the JPEG is missing");
            assertThat(read(Arrays.copyOf(bytes, bytes.length + 9)).width())
                    .as("what stands behind the end is nobody's business")
                    .isEqualTo(64);
        }
        // Whatever is changed, an image comes or a complaint, and nothing else.
        for (int trial = 0; trial < 300; trial++) {
            byte[] changed = bytes.clone();
            for (int i = 0; i < 4; i++) {
                changed[random.nextInt(trial % 2 == 0 ? 60 : changed.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(read(changed).values()).isNotEmpty();
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("a.png: is no sound image: ");
            }
        }
    }

    @Test
    void refusesAHugeImageBeforeDecodingIt() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(0x89504e470d0a1a0aL);
            chunk(out, "IHDR", new byte[] {0, 1, 0, 0, 0, 2, 0, 0, 8, 2, 0, 0, 0});
            chunk(out, "IDAT", new byte[10]);
            chunk(out, "IEND");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(bytes.toByteArray()))
                .withMessageMatching(
                        "a.png: is no sound image: expected at most \\d+ pixels \\(a part of the Java heap: give it"
                                + " more\\), got 131072 by 65536");
    }

    private static void chunk(DataOutputStream out, String type, byte... data) throws IOException {
        out.writeInt(data.length);
        CRC32 crc = new CRC32();
        for (byte[] part : new byte[][] {type.getBytes(StandardCharsets.US_ASCII), data}) {
            crc.update(part);
            out.write(part);
        }
        out.writeInt((int) crc.getValue());
    }

    @Test
    void refusesWhatIsNoImage() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("<svg/>".getBytes(StandardCharsets.US_ASCII)))
                .withMessage("a.png: is no sound image: expected an image in PNG, JPEG, GIF or BMP");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RasterImage(2, 1, 1, new float[2]))
                .withMessage("channels: expected 1 or 3, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RasterImage(1, 2, 2, new float[3]))
                .withMessage("values: expected 4, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RasterImage(1, 1, 1, new float[1]).resized(0, 3))
                .withMessage("size: expected at least 1 by 1 pixels, got 0 by 3");
    }

    @Test
    void namesSizesThatAreTooLargeTogether() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RasterImage(3, Integer.MAX_VALUE, Integer.MAX_VALUE, new float[1]))
                .withMessage("channels x height x width: expected a product of at most 2147483639, got 3 x 2147483647 x"
                        + " 2147483647");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RasterImage(1, 1, 1, new float[1]).resized(1 << 16, 1 << 15))
                .withMessage(
                        "channels x height x width: expected a product of at most 2147483639, got 1 x 65536 x 32768");
    }
}

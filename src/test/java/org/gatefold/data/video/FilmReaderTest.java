package org.gatefold.data.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilmReaderTest {
    @TempDir
    private Path folder;

    private static BufferedImage grey(int level) {
        BufferedImage image = new BufferedImage(4, 2, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 8; i++) {
            image.getRaster().setSample(i % 4, i / 4, 0, level);
        }
        return image;
    }

    /** A folder of pictures, each as bright as its number says. */
    private void pictures(String film, int... levels) throws IOException {
        Path frames = Files.createDirectories(folder.resolve(film));
        for (int i = 0; i < levels.length; i++) {
            ImageIO.write(grey(levels[i]), "png", frames.resolve(i + 1 + ".png").toFile());
        }
    }

    private Path gif(String name, int... levels) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(file.toFile())) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int level : levels) {
                writer.writeToSequence(new IIOImage(grey(level), null, shown(writer, grey(level))), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
        return file;
    }

    /** Shown for a tenth of a second. */
    private static IIOMetadata shown(ImageWriter writer, BufferedImage image) throws IOException {
        IIOMetadata metadata = writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
        String format = metadata.getNativeMetadataFormatName();
        IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("delayTime", "10");
        control.setAttribute("transparentColorIndex", "0");
        IIOMetadataNode root = new IIOMetadataNode(format);
        root.appendChild(control);
        metadata.mergeTree(format, root);
        return metadata;
    }

    private static FilmTable csv(FilmReader reader, String... lines) {
        byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        try {
            return reader.read("films.csv", new ByteArrayInputStream(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How bright each frame is, 0 to 255. */
    private static int[] levels(FilmTable table, int row) {
        return Arrays.stream(table.frames(row))
                .mapToInt(frame -> Math.round(frame[0] * 255))
                .toArray();
    }

    @Test
    void readsFoldersOfPicturesInTheOrderOfTheirNumbers() throws IOException {
        int[] levels = IntStream.rangeClosed(1, 12).map(i -> 10 * i).toArray();
        pictures("cat/first", levels);
        pictures("dog/only", 200, 100);
        FilmTable table = FilmReader.create().read(folder);
        assertThat(table.text("film")).containsExactly("cat/first", "dog/only");
        assertThat(table.text("label")).containsExactly("cat", "dog");
        assertThat(table.rowName(1)).isEqualTo("dog/only");
        assertThat(table.size().channels()).isEqualTo(1);
        assertThat(table.size().height()).isEqualTo(2);
        assertThat(levels(table, 0)).isEqualTo(levels);
        assertThat(levels(table, 1)).containsExactly(200, 100);
        assertThat(FilmReader.files(folder)).hasSize(14);
        assertThat(levels(FilmReader.create().frames(3).read(folder), 0)).containsExactly(30, 70, 110);
        assertThat(FilmReader.create().size(1, 1).channels(3).read(folder).frames(1)[0])
                .hasSize(3);
    }

    @Test
    void findsClassesInNames() throws IOException {
        pictures("cat_1", 1);
        pictures("dog_2", 2);
        FilmTable none = FilmReader.create().read(folder);
        assertThat(none.names()).containsExactly("film");
        FilmTable found =
                FilmReader.create().labels(Pattern.compile("([a-z]+)_")).read(folder);
        assertThat(found.text("label")).containsExactly("cat", "dog");
        assertThat(FilmReader.create()
                        .labels(Pattern.compile("\\d"))
                        .read(folder)
                        .text("label"))
                .containsExactly("1", "2");
        pictures("bird", 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        FilmReader.create().labels(Pattern.compile("_(.)")).read(folder))
                .withMessage(folder.resolve("bird")
                        + ": expected a class in its name or a folder of its class, as others" + " have, got none");
    }

    /** Ten frames of a tenth of a second each, as bright as their number. */
    @Test
    void keepsFramesOfVideoFilesByTheirTime() throws IOException {
        gif("film.gif", IntStream.range(0, 10).map(i -> 20 * i).toArray());
        FilmReader reader = FilmReader.create().channels(1);
        assertThat(levels(reader.rate(5).read(folder), 0)).containsExactly(0, 40, 80, 120, 160);
        assertThat(levels(reader.rate(4).read(folder), 0)).containsExactly(0, 60, 100, 160);
        assertThat(levels(reader.rate(30).read(folder), 0)).hasSize(10);
        assertThat(levels(reader.rate(0).read(folder), 0)).hasSize(10);
        assertThat(levels(reader.rate(5).frames(3).read(folder), 0)).containsExactly(0, 80, 160);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.rate(Double.NaN))
                .withMessage("rate: expected at least 0, got NaN");
    }

    @Test
    void decodesVideoFiles() throws IOException {
        Path file = gif("cat/film.gif", 0, 255, 0);
        gif("dog/other.gif", 255);
        FilmTable table = FilmReader.create().channels(1).read(folder);
        assertThat(table.text("label")).containsExactly("cat", "dog");
        assertThat(levels(table, 0)).containsExactly(0, 255, 0);
        assertThat(table.size().width()).isEqualTo(4);
        try (InputStream stream = Files.newInputStream(file)) {
            FilmTable alone = FilmReader.create().read("film.gif", stream);
            assertThat(alone.names()).containsExactly("film");
            assertThat(levels(alone, 0)).containsExactly(0, 255, 0);
            assertThat(alone.size().channels()).isEqualTo(3);
        }
    }

    @Test
    void leavesOutWhatIsDamagedUnlessAllIs() throws IOException {
        Files.write(folder.resolve("broken.mp4"), new byte[] {0, 0, 0, 1, 2, 3});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FilmReader.create().read(folder))
                .withMessageStartingWith(folder + ": expected films")
                .withMessageContaining("broken.mp4: is no video file");
        pictures("sound", 7);
        Files.writeString(Files.createDirectories(folder.resolve("hole")).resolve("1.png"), "no picture");
        assertThat(FilmReader.create().read(folder).text("film")).containsExactly("sound");
        byte[] broken = {0, 0, 0, 1, 2, 3};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FilmReader.create().read("x.avi", new ByteArrayInputStream(broken)))
                .withMessageStartingWith("x.avi: is no video file");
    }

    @Test
    void readsFilmsInLines() {
        FilmTable table = csv(FilmReader.create(), "label,height,width,frames", "up,2,2,0f80 f000", "down,2,2,0000");
        assertThat(table.text("label")).containsExactly("up", "down");
        assertThat(table.frames(0)).hasDimensions(2, 4);
        assertThat(table.frames(0)[0]).containsExactly(0, 1, 136 / 255f, 0);
        assertThat(table.where(1, "film")).startsWith("films.csv, line 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> csv(FilmReader.create(), "label,height,width,frames", "up,2,2,0f8"))
                .withMessageContaining("line 2")
                .withMessageContaining("expected 2 times 2 hexadecimal digits in each frame, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> csv(FilmReader.create(), "label,height,width,frames", "up,1,2,0x"))
                .withMessageContaining("expected hexadecimal digits, got 'x'");
    }

    @Test
    void keepsFramesEvenlyHoweverManyThereAre() {
        for (int count : new int[] {1, 5, 6, 10, 11, 12, 100, 1000}) {
            FrameSampler sampler = new FrameSampler(5);
            for (int i = 0; i < count; i++) {
                sampler.add(sampler.wantsNext() ? new byte[] {(byte) (i * 100 / count)} : null);
            }
            List<Integer> places =
                    sampler.frames().stream().map(frame -> (int) frame[0]).toList();
            assertThat(places)
                    .as("%d frames", count)
                    .hasSize(Math.min(count, 5))
                    .isSorted()
                    .doesNotHaveDuplicates();
            if (count > 5) {
                assertThat(places.get(0)).as("%d frames", count).isLessThan(20);
                assertThat(places.get(4)).as("%d frames", count).isGreaterThan(70);
            }
        }
    }

    @Test
    void namesAreOrderedByTheirNumbers() {
        List<String> ordered = List.of("a", "a1", "a2.png", "a10.png", "a010.png", "b1/2", "b1/11", "b2/1");
        for (int i = 0; i < ordered.size(); i++) {
            for (int j = 0; j < ordered.size(); j++) {
                int order = NaturalOrder.BY_NUMBERS.compare(ordered.get(i), ordered.get(j));
                boolean equalNumbers =
                        Stream.of(i, j).allMatch(k -> ordered.get(k).endsWith("10.png"));
                if (!equalNumbers || i == j) {
                    assertThat(Integer.signum(order))
                            .as("%s and %s", ordered.get(i), ordered.get(j))
                            .isEqualTo(Integer.compare(i, j));
                } else {
                    assertThat(order).as("names differ all the same").isNotZero();
                }
            }
        }
    }
}

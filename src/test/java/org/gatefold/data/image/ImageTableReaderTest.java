package org.gatefold.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTableReaderTest {
    @TempDir
    private Path folder;

    private static ImageTable csv(ImageTableReader reader, String... lines) {
        byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        try {
            return reader.read("test.csv", new ByteArrayInputStream(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] picture(String format, int width, int height, Color colour) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, colour.getRGB());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, format, bytes);
        return bytes.toByteArray();
    }

    private Path file(String name, byte... bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    @Test
    void readsPixelsInColumns() {
        ImageTable table = csv(ImageTableReader.create(), "0,8,16,4,seven", "16,0,0,0,two");
        assertThat(table.names()).containsExactly("image", "label");
        assertThat(table.text("label")).containsExactly("seven", "two");
        assertThat(table.text("image")).containsExactly("1", "2");
        assertThat(table.pixels(0)).containsExactly(0, 128 / 255f, 1, 64 / 255f);
        assertThat(table.white()).isEqualTo(16);
        assertThat(table.size().height()).isEqualTo(2);
        assertThat(table.size().channels()).isEqualTo(1);
        assertThat(table.where(1, "image")).isEqualTo("test.csv, line 2, column '5', column 'image'");
    }

    @Test
    void theColumnOfClassesMayStandAnywhere() {
        ImageTable named = csv(ImageTableReader.create(), "label,a,b,c,d", "3,255,0,0,51");
        assertThat(named.text("label")).containsExactly("3");
        assertThat(named.pixels(0)).containsExactly(1, 0, 0, 0.2f);
        ImageTable said = csv(ImageTableReader.create().label("1").white(255), "3,255,0,0,51");
        assertThat(said.text("label")).containsExactly("3");
        assertThat(said.pixels(0)).containsExactly(1, 0, 0, 0.2f);
    }

    @Test
    void knownSizesTellWhetherThereAreClasses() {
        ImageTableReader reader = ImageTableReader.create().size(1, 4).white(16);
        assertThat(csv(reader, "0,8,16,4").names()).containsExactly("image");
        assertThat(csv(reader, "0,8,16,4,9").text("label")).containsExactly("9");
        ImageTable colour = csv(ImageTableReader.create(), "0,1,0,1,0,1,0,1,0,1,0,1,cat");
        assertThat(colour.size().channels()).isEqualTo(3);
        assertThat(colour.size().width()).isEqualTo(2);
    }

    @Test
    void refusesColumnsThatAreNoImages() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> csv(ImageTableReader.create(), "1,2,3"))
                .withMessage("test.csv: expected columns of the pixels of a square image and one of classes, got 3;"
                        + " say the size of the images");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> csv(ImageTableReader.create().size(8, 8), "1,2,3"))
                .withMessage("test.csv: expected 64 columns of pixels and one of classes, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> csv(ImageTableReader.create().white(16), "1,17,3,4,a"))
                .withMessageEndingWith("line 1, column '2': expected a pixel, 0 to 16, got 17");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> csv(ImageTableReader.create(), "1,-1,3,4,a"))
                .withMessageEndingWith("line 1, column '2': expected a pixel, 0 to 16, got -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> csv(ImageTableReader.create().label("kind"), "1,2,3,4,a"))
                .withMessageContaining("has no column 'kind'");
    }

    @Test
    void readsFoldersOfClasses() throws IOException {
        file("red/b.png", picture("png", 4, 2, Color.RED));
        file("red/a.PNG", picture("png", 4, 2, Color.WHITE));
        file("blue/more/c.jpg", picture("jpg", 8, 4, Color.BLUE));
        file("blue/notes.txt", (byte) 'x');
        file("blue/.hidden.png", (byte) 'x');
        ImageTable table = ImageTableReader.create().read(folder);
        assertThat(table.text("label")).containsExactly("blue", "red", "red");
        assertThat(table.text("image")).containsExactly("blue/more/c.jpg", "red/a.PNG", "red/b.png");
        assertThat(table.rowName(1)).isEqualTo("red/a.PNG");
        assertThat(table.size().channels()).isEqualTo(3);
        assertThat(table.size().height()).as("of the first").isEqualTo(4);
        assertThat(table.size().width()).isEqualTo(8);
        assertThat(table.pixels(2)).hasSize(96);
        assertThat(table.pixels(2)[0]).isEqualTo(1f);
        assertThat(table.pixels(2)[32]).isZero();
        assertThat(ImageFolder.files(folder)).hasSize(3);
        ImageTable grey = ImageTableReader.create().channels(1).size(1, 1).read(folder);
        assertThat(grey.pixels(2)[0]).isEqualTo(76 / 255f);
        assertThat(table.where(0, "label"))
                .startsWith(folder.resolve("blue/more/c.jpg").toString());
    }

    @Test
    void leavesOutWhatIsDamagedUnlessAllIs() throws IOException {
        byte[] sound = picture("png", 4, 4, Color.RED);
        file("cut.png", Arrays.copyOf(sound, sound.length / 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageTableReader.create().read(folder))
                .withMessageStartingWith(folder + ": expected images")
                .withMessageContaining("found none that is sound among 1; ")
                .withMessageContaining("cut.png: is no sound image");
        file("whole.png", sound);
        ImageTable table = ImageTableReader.create().read(folder);
        assertThat(table.names()).as("nobody says what they are").containsExactly("image");
        assertThat(table.text("image")).containsExactly("whole.png");
        file("class/other.png", sound);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageTableReader.create().read(folder))
                .withMessageContaining("expected a folder for each class or images alone, got folders and the image");
    }

    @Test
    void readsPicturesOfAnyKindAlone() throws IOException {
        for (String format : new String[] {"png", "jpg", "gif", "bmp"}) {
            byte[] bytes = picture(format, 3, 2, Color.WHITE);
            ImageTable table = ImageTableReader.create().channels(1).read("x", new ByteArrayInputStream(bytes));
            assertThat(table.rows()).as(format).isEqualTo(1);
            assertThat(table.pixels(0)).as(format).hasSize(6);
            assertThat(table.names()).containsExactly("image");
        }
    }

    @Test
    void largeImagesAreMadeSmaller() throws IOException {
        byte[] bytes = picture("png", 200, 100, Color.WHITE);
        ImageTable table = ImageTableReader.create().read("x", new ByteArrayInputStream(bytes));
        assertThat(table.size().width()).isEqualTo(64);
        assertThat(table.size().height()).isEqualTo(32);
        ImageTable said = ImageTableReader.create().size(100, 200).read("x", new ByteArrayInputStream(bytes));
        assertThat(said.size().width()).isEqualTo(200);
    }

    @Test
    void readsIdxPackedByGzip() throws IOException {
        byte[] idx = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 51, (byte) 255, 0};
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(idx);
        }
        ImageTable table = ImageTableReader.create().read("images.gz", new ByteArrayInputStream(packed.toByteArray()));
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.pixels(0)).containsExactly(0, 0.2f);
        assertThat(table.pixels(1)).containsExactly(1, 0);
        assertThat(table.where(1, "image")).startsWith("images.gz, image 2");
    }

    @Test
    void labelsMayStandInAnotherFile() throws IOException {
        byte[] images = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 51};
        byte[] labels = {0, 0, 8, 1, 0, 0, 0, 2, 7, (byte) 200};
        byte[] fewer = {0, 0, 8, 1, 0, 0, 0, 1, 7};
        ImageTableReader reader = ImageTableReader.create();
        ImageTable table = reader.read("images", new ByteArrayInputStream(images));
        ImageTable both = table.with(reader.readPart("labels", new ByteArrayInputStream(labels)));
        assertThat(table.names()).containsExactly("image");
        assertThat(both.text("label")).containsExactly("7", "200");
        assertThat(both.pixels(1)).containsExactly(0.2f);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.with(reader.readPart("fewer", new ByteArrayInputStream(fewer))))
                .withMessage("fewer: expected a label for each of the 2 images of images, got 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.read("labels", new ByteArrayInputStream(labels)))
                .withMessage("labels: expected images, got the labels of some");
    }
}

package org.gatefold.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.gatefold.recipe.field.picture.Spectrogram;
import org.gatefold.recipe.field.picture.Tiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

class PlotsTest {
    @TempDir
    Path folder;

    private static XYChart chart() {
        XYChart chart = new XYChartBuilder().width(40).height(30).build();
        chart.addSeries("line", new double[] {1, 2}, new double[] {3, 4});
        return chart;
    }

    @Test
    void drawsAPng() throws IOException {
        Path file = folder.resolve("chart.png");
        Plots.draw(file, PlotsTest::chart);
        assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(40);
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    /** Two steps of two bands: loud is high in the first, and low in the second, where a word begins. */
    @Test
    void drawsASpectrum() throws IOException {
        Path file = folder.resolve("row-1.png");
        Plots.picture(
                file,
                new Spectrogram(
                        "row-1",
                        "one",
                        0.01,
                        new float[][] {{-60, 0}, {0, -60}},
                        List.of(new Spectrogram.Mark(1, "word"))));
        BufferedImage drawn = ImageIO.read(file.toFile());
        int quarter = drawn.getWidth() / 4;
        int above = 100;
        int below = drawn.getHeight() - 100;
        assertThat(drawn.getRGB(quarter, above)).isEqualTo(0xff1f77b4);
        assertThat(drawn.getRGB(quarter, below)).isEqualTo(0xffffffff);
        assertThat(drawn.getRGB(3 * quarter, above)).isEqualTo(0xffffffff);
        assertThat(drawn.getRGB(3 * quarter, below)).isEqualTo(0xff1f77b4);
        assertThat(drawn.getRGB(2 * quarter, above)).isEqualTo(0xffd62728);
    }

    /** Red and blue, one above the other, and the same turned. */
    @Test
    void drawsImagesSideBySide() throws IOException {
        Path file = folder.resolve("mistakes.png");
        Plots.picture(
                file,
                new Tiles(
                        "mistakes",
                        "wrong",
                        3,
                        2,
                        1,
                        List.of(
                                new Tiles.Tile("a", new float[] {1, 0, 0, 0, 0, 1}),
                                new Tiles.Tile("b", new float[] {0, 1, 0, 0, 1, 0}))));
        BufferedImage drawn = ImageIO.read(file.toFile());
        assertThat(drawn.getRGB(40, 60)).isEqualTo(0xffff0000);
        assertThat(drawn.getRGB(40, 140)).isEqualTo(0xff0000ff);
        assertThat(drawn.getRGB(40 + 146, 60)).isEqualTo(0xff0000ff);
        assertThat(drawn.getRGB(40 + 146, 140)).isEqualTo(0xffff0000);
    }

    @Test
    void needsNoTemporaryFolder() throws IOException {
        Path file = folder.resolve("chart.png");
        File before = ImageIO.getCacheDirectory();
        Path gone = Files.createDirectory(folder.resolve("gone"));
        ImageIO.setCacheDirectory(gone.toFile());
        Files.delete(gone);
        try {
            assertThat(ImageIO.getUseCache()).isTrue();
            Plots.draw(file, PlotsTest::chart);
        } finally {
            ImageIO.setCacheDirectory(before);
        }
        assertThat(file).isNotEmptyFile();
    }

    @Test
    void aPictureThatCannotBeWrittenIsAWarning() {
        Path file = folder.resolve("none").resolve("chart.png");
        assertThat(warnings(() -> Plots.draw(file, PlotsTest::chart)))
                .containsPattern("WARN.* " + file + " is not drawn: .*no such file or folder");
    }

    @Test
    void aPictureThatCannotBeWrittenLeavesTheOldOneAndNoPart() throws IOException {
        Path file = Files.createDirectory(folder.resolve("chart.png"));
        Files.createFile(file.resolve("held"));
        assertThat(warnings(() -> Plots.draw(file, PlotsTest::chart))).contains(file + " is not drawn: ");
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void aChartOfNothingIsAWarning() {
        Path file = folder.resolve("training.png");
        assertThat(warnings(() -> Plots.training(file, List.of()))).contains(file + " is not drawn: ");
        assertThat(file).doesNotExist();
    }

    private static String warnings(Runnable call) {
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            call.run();
        } finally {
            System.setErr(before);
        }
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aJavaThatCannotDrawLosesThePictureOnly() {
        Path file = folder.resolve("chart.png");
        Plots.draw(file, () -> {
            throw new UnsatisfiedLinkError("libharfbuzz.so.0: cannot open shared object file");
        });
        assertThat(file).doesNotExist();
    }
}

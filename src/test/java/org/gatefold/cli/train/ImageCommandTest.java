package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.data.Dataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCommandTest {
    @TempDir
    private Path folder;

    /** The first rows of the images that travel with the program. */
    private Path images(int rows) throws IOException {
        try (InputStream stream = Dataset.class.getResourceAsStream("digits-8x8.csv.gz")) {
            String all = new String(new GZIPInputStream(stream).readAllBytes(), StandardCharsets.UTF_8);
            return Files.writeString(
                    folder.resolve("digits.csv"), all.lines().limit(rows).collect(Collectors.joining("\n")));
        }
    }

    private CommandLineRun train(Path data, String... more) {
        String[] fixed = {
            "train",
            "image",
            "--data",
            data.toString(),
            "--train-rows",
            "80",
            "--hidden",
            "8",
            "--epochs",
            "2",
            "--out",
            folder.resolve("run").toString()
        };
        String[] all = new String[fixed.length + more.length];
        System.arraycopy(fixed, 0, all, 0, fixed.length);
        System.arraycopy(more, 0, all, fixed.length, more.length);
        return CommandLineRun.of(all);
    }

    @Test
    void writesModelMetricsAndCurve() throws IOException {
        CommandLineRun result = train(images(100));

        assertThat(result.exitCode()).as(result.err()).isZero();
        JsonObject metrics = CommandLineRun.json(folder.resolve("run/metrics.json"));
        assertThat(metrics.getAsJsonObject("test").get("accuracy").getAsDouble())
                .isBetween(0.0, 1.0);
        assertThat(metrics.getAsJsonObject("test").get("f1").getAsDouble()).isBetween(0.0, 1.0);
        assertThat(metrics.getAsJsonObject("test").get("rows").getAsInt()).isEqualTo(20);
        assertThat(metrics.getAsJsonObject("baselines").keySet()).containsExactly("majority", "3-nearest-neighbour");
        assertThat(metrics.get("device").getAsString()).isNotEmpty();
        assertThat(metrics.get("implementation").getAsString()).isNotEmpty();
        for (String file : List.of(
                "model.safetensors", "settings.json", "history.csv", "training.png", "confusion.png", "report.html")) {
            assertThat(folder.resolve("run").resolve(file)).isNotEmptyFile();
        }
        assertThat(result.out()).contains("accuracy", "majority", "3-nearest-neighbour");
    }

    @Test
    void holdsRowsBack() throws IOException {
        CommandLineRun result = train(
                images(100),
                "--validation",
                "0.25",
                "--read",
                "rows",
                "--shift",
                "0",
                "--rotate",
                "0",
                "--layers",
                "2");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.err()).contains("batches on").containsPattern("validation loss [0-9.]+, accuracy [0-9.]+");
    }

    /** The angle that a run settled on. */
    private double rotated(String... more) throws IOException {
        CommandLineRun result = train(images(100), more);
        assertThat(result.exitCode()).as(result.err()).isZero();
        Path done = Files.move(folder.resolve("run"), folder.resolve(String.join("", more)));
        return CommandLineRun.json(done.resolve("settings.json"))
                .getAsJsonObject("options")
                .get("rotate")
                .getAsDouble();
    }

    @Test
    void turnsFewRowsOnlyWhenTold() throws IOException {
        assertThat(rotated("--read", "rows")).isZero();
        assertThat(rotated("--read", "rows", "--rotate", "5")).isEqualTo(5);
        assertThat(rotated("--read", "patches")).isEqualTo(10);
    }

    @Test
    void predictsDigitsOfLabelledAndUnlabelledRows() throws IOException {
        Path data = images(100);
        train(data);
        Path unlabelled = Files.writeString(
                folder.resolve("new.csv"),
                Files.readString(data)
                        .lines()
                        .limit(3)
                        .map(line -> line.substring(0, line.lastIndexOf(',')))
                        .collect(Collectors.joining("\n")));
        Path run = folder.resolve("run");

        CommandLineRun fresh = CommandLineRun.of("predict", run.toString(), "--data", unlabelled.toString());
        CommandLineRun known = CommandLineRun.of("predict", run.toString(), "--data", data.toString());

        assertThat(fresh.exitCode()).as(fresh.err()).isZero();
        List<String> lines = fresh.out().lines().toList();
        assertThat(lines).hasSize(4).first().isEqualTo("row,label,probability,actual");
        assertThat(known.out().lines().toList()).hasSize(101);
        for (int row = 1; row <= 3; row++) {
            assertThat(known.out().lines().toList().get(row)).startsWith(lines.get(row));
        }
    }

    @Test
    void refusesWhatAreNoImages() throws IOException {
        Path file = Files.writeString(folder.resolve("bad.csv"), "1,2,3\n".repeat(100));
        assertThat(train(file).complaint())
                .isEqualTo(
                        "gatefold: " + file + ": expected columns of the pixels of a square image and one of classes,"
                                + " got 3; say the size of the images");
        String row = "17" + ",0".repeat(64);
        Files.writeString(file, (row + "\n").repeat(100));
        assertThat(train(file, "--white", "16").complaint())
                .isEqualTo("gatefold: " + file + ", line 1, column '1': expected a pixel, 0 to 16, got 17");
        assertThat(train(images(100), "--shift", "8").complaint())
                .startsWith("gatefold: --shift: expected at most 7 pixels of images of this size, got 8");
        assertThat(train(images(100), "--read", "patches", "--patch", "9").complaint())
                .startsWith("gatefold: --patch: expected at most 8 pixels of images of this size, got 9");
    }

    /** Two classes of pictures, one of which cannot be decoded. */
    private Path pictures() throws IOException {
        Path all = folder.resolve("pictures");
        for (int i = 0; i < 12; i++) {
            Path file = all.resolve(i % 2 == 0 ? "bright" : "dark").resolve(i + ".png");
            Files.createDirectories(file.getParent());
            BufferedImage image = new BufferedImage(12, 9, BufferedImage.TYPE_INT_RGB);
            image.setRGB(i, i % 9, i % 2 == 0 ? 0xffffff : 0x102030);
            ImageIO.write(image, "png", file.toFile());
        }
        Files.writeString(all.resolve("dark/broken.png"), "no picture");
        return all;
    }

    @Test
    void learnsFromFoldersAndNamesTheFilesItAnswers() throws IOException {
        Path run = folder.resolve("run");
        Path pictures = pictures();
        for (String way : List.of("convolutions", "patches")) {
            CommandLineRun result = CommandLineRun.of(
                    "train",
                    "image",
                    "--data",
                    pictures.toString(),
                    "--read",
                    way,
                    "--flip",
                    "--erase",
                    "0.5",
                    "--hidden",
                    "4",
                    "--epochs",
                    "2",
                    "--out",
                    run.resolve(way).toString());
            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(result.out()).contains("images of 9x12 in colour");
            CommandLineRun answers = CommandLineRun.of(
                    "predict",
                    run.resolve(way).toString(),
                    "--data",
                    pictures.resolve("dark").toString());
            assertThat(answers.exitCode()).as(answers.err()).isZero();
            assertThat(answers.out().lines().toList()).hasSize(7).anyMatch(line -> line.startsWith("11.png,"));
            CommandLineRun one = CommandLineRun.of(
                    "predict",
                    run.resolve(way).toString(),
                    "--data",
                    pictures.resolve("dark/1.png").toString());
            assertThat(one.exitCode()).as(one.err()).isZero();
            assertThat(one.out().lines().toList()).hasSize(2);
        }
    }

    @Test
    void bringsImagesOfOtherSizesToThatOfThoseLearntFrom() throws IOException {
        Path pictures = pictures();
        Path others = folder.resolve("others");
        for (String name : List.of("bright", "dark")) {
            Files.createDirectories(others.resolve(name));
            ImageIO.write(
                    new BufferedImage(20, 30, BufferedImage.TYPE_BYTE_GRAY),
                    "png",
                    others.resolve(name).resolve("a.png").toFile());
        }
        String held = others.toString();
        CommandLineRun result =
                CommandLineRun.train("image", pictures, folder.resolve("run"), 1, "--test", held, "--valid", held);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("12 rows to train on, 2 to test; images of 9x12 in colour");
    }
}

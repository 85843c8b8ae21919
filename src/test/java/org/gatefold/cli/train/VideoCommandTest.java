package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.gatefold.cli.CommandLineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoCommandTest {
    @TempDir
    private Path folder;

    /** Films of two classes, of 2 to 4 frames. */
    private Path films() throws IOException {
        Path all = folder.resolve("films");
        for (int film = 0; film < 12; film++) {
            Path frames = Files.createDirectories(all.resolve((film % 2 == 0 ? "bright-" : "dark-") + film));
            for (int frame = 0; frame < 2 + film % 3; frame++) {
                BufferedImage image = new BufferedImage(10, 8, BufferedImage.TYPE_INT_RGB);
                image.setRGB(film % 10, frame, film % 2 == 0 ? 0xffffff : 0x203040);
                ImageIO.write(image, "png", frames.resolve(frame + ".png").toFile());
            }
        }
        return all;
    }

    private CommandLineRun train(Path films, String pattern) {
        return CommandLineRun.of(
                "train",
                "video",
                "--data",
                films.toString(),
                "--label-pattern",
                pattern,
                "--hidden",
                "4",
                "--epochs",
                "2",
                "--out",
                folder.resolve("run").toString());
    }

    @Test
    void learnsFromFoldersOfFramesAndAnswersThem() throws IOException {
        Path films = films();
        CommandLineRun result = train(films, "^(\\w+)-");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("frames of 8x10 in colour", "majority", "nearest-neighbour");
        CommandLineRun answers =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", films.toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        List<String> lines = answers.out().lines().toList();
        assertThat(lines).hasSize(13).first().isEqualTo("row,label,probability,actual");
        assertThat(lines.get(1)).startsWith("bright-0,").endsWith(",bright");
    }

    @Test
    void complainsInOneLine() throws IOException {
        Path films = films();
        assertThat(train(films, "(").complaint())
                .startsWith("gatefold: --label-pattern: expected a regular expression, got (");
        assertThat(train(films, "nowhere").complaint()).contains("column 'label'");
        assertThat(train(Files.createDirectories(folder.resolve("empty")), ".").complaint())
                .isEqualTo("gatefold: " + folder.resolve("empty")
                        + ": expected films: folders of pictures, or video files; found none");
    }
}

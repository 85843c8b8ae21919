package org.gatefold.cli.output;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import org.gatefold.recipe.field.picture.Tiles;

/** Draws images in rows, each enlarged so that its pixels are seen, with words below. Stateless. */
final class TilesPlot {
    private static final int COLUMNS = 8;
    private static final int SIDE = 130;
    private static final int GAP = 16;
    private static final int LINE = 16;
    private static final int TOP = 36;

    private TilesPlot() {}

    static BufferedImage of(Tiles tiles) {
        int count = tiles.tiles().size();
        int across = Math.min(COLUMNS, count);
        int down = (count + across - 1) / across;
        BufferedImage image = new BufferedImage(
                Math.max(3, across) * (SIDE + GAP) + GAP,
                TOP + down * (SIDE + LINE + GAP) + GAP,
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
            graphics.setColor(Color.BLACK);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
            graphics.drawString(tiles.title(), GAP, TOP - LINE);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
            for (int i = 0; i < count; i++) {
                int x = GAP + i % across * (SIDE + GAP);
                int y = TOP + i / across * (SIDE + LINE + GAP);
                int longer = Math.max(tiles.height(), tiles.width());
                graphics.drawImage(
                        pixels(tiles, tiles.tiles().get(i).pixels()),
                        x,
                        y,
                        SIDE * tiles.width() / longer,
                        SIDE * tiles.height() / longer,
                        null);
                // What is too long for its place would run into the next.
                Graphics2D below = (Graphics2D) graphics.create(x, y + SIDE, SIDE + GAP / 2, LINE + GAP / 2);
                below.drawString(tiles.tiles().get(i).words(), 0, LINE - 2);
                below.dispose();
            }
        } finally {
            graphics.dispose();
        }
        return image;
    }

    private static BufferedImage pixels(Tiles tiles, float... values) {
        int area = tiles.height() * tiles.width();
        BufferedImage image = new BufferedImage(tiles.width(), tiles.height(), BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < area; i++) {
            int rgb = 0;
            for (int colour = 0; colour < 3; colour++) {
                float value = values[(tiles.channels() == 3 ? colour : 0) * area + i];
                rgb = rgb << 8 | Math.round(255 * Math.max(0, Math.min(1, value)));
            }
            image.setRGB(i % tiles.width(), i / tiles.width(), rgb);
        }
        return image;
    }
}

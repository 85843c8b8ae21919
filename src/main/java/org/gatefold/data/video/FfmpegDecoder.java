package org.gatefold.data.video;

import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.gatefold.data.image.RasterImage;
import org.gatefold.data.media.FfmpegStream;

/**
 * Decodes the frames of a video file by FFmpeg through JavaCPP, which must be on the class path. One thread; owns what FFmpeg
 * allocates, and frees it when closed.
 */
final class FfmpegDecoder implements AutoCloseable {
    private static final int CHANNELS = 3;
    private static final float MOST = 255;

    private final FfmpegStream stream;
    private SwsContext scaling;

    /** @throws IllegalArgumentException if it is no video file that FFmpeg reads */
    FfmpegDecoder(Path file) {
        stream = new FfmpegStream(file, FfmpegStream.Kind.VIDEO);
    }

    /**
     * Decodes all frames.
     *
     * @param wanted whether a frame is to be made an image, by when it is shown in seconds; NaN if that is not known
     * @param taker takes each in the order in which they are shown; null for what is not wanted
     * @throws IllegalArgumentException if the file is damaged before its first frame
     */
    void frames(DoublePredicate wanted, Consumer<RasterImage> taker) {
        stream.frames(frame -> taker.accept(wanted.test(stream.seconds(frame)) ? image(frame) : null));
    }

    /** The frame in red, green and blue. */
    private RasterImage image(AVFrame frame) {
        int width = frame.width();
        int height = frame.height();
        scaling = swscale.sws_getCachedContext(
                scaling,
                width,
                height,
                frame.format(),
                width,
                height,
                avutil.AV_PIX_FMT_RGB24,
                swscale.SWS_BILINEAR,
                null,
                null,
                (DoublePointer) null);
        int stride = width * CHANNELS;
        byte[] bytes = new byte[height * stride];
        try (BytePointer rgb = new BytePointer(bytes.length);
                PointerPointer<BytePointer> planes = new PointerPointer<>(1);
                IntPointer strides = new IntPointer(1)) {
            planes.put(0, rgb);
            strides.put(0, stride);
            swscale.sws_scale(
                    scaling, new PointerPointer<>(frame.data()), frame.linesize(), 0, height, planes, strides);
            rgb.get(bytes);
        }
        float[] values = new float[bytes.length];
        int plane = width * height;
        for (int i = 0; i < plane; i++) {
            for (int channel = 0; channel < CHANNELS; channel++) {
                values[channel * plane + i] = (bytes[i * CHANNELS + channel] & 0xff) / MOST;
            }
        }
        return new RasterImage(CHANNELS, height, width, values);
    }

    @Override
    public void close() {
        if (scaling != null) {
            swscale.sws_freeContext(scaling);
        }
        stream.close();
    }
}

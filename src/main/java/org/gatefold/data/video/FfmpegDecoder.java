package org.gatefold.data.video;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.gatefold.data.image.RasterImage;

/**
 * Decodes the frames of a video file by FFmpeg through JavaCPP, which must be on the class path. One thread; owns what FFmpeg
 * allocates, and frees it when closed.
 */
final class FfmpegDecoder implements AutoCloseable {
    private static final int CHANNELS = 3;
    private static final float MOST = 255;

    static {
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    }

    private final String source;
    private final AVFormatContext format = new AVFormatContext(null);
    private final AVPacket packet = avcodec.av_packet_alloc();
    private final AVFrame frame = avutil.av_frame_alloc();
    private AVCodecContext codec;
    private SwsContext scaling;
    private int stream;

    /** @throws IllegalArgumentException if it is no video file that FFmpeg reads */
    FfmpegDecoder(Path file) {
        source = file.toString();
        try {
            open();
        } catch (IllegalArgumentException e) {
            close();
            throw e;
        }
    }

    private void open() {
        require(avformat.avformat_open_input(format, source, null, null), "is no video file");
        require(avformat.avformat_find_stream_info(format, (PointerPointer<?>) null), "is no sound video file");
        stream = require(
                avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0),
                "holds no pictures");
        AVCodec decoder =
                avcodec.avcodec_find_decoder(format.streams(stream).codecpar().codec_id());
        if (decoder == null || decoder.isNull()) {
            throw new IllegalArgumentException(source + ": is in a coding that FFmpeg has no decoder for");
        }
        codec = avcodec.avcodec_alloc_context3(decoder);
        require(
                avcodec.avcodec_parameters_to_context(
                        codec, format.streams(stream).codecpar()),
                "cannot be decoded");
        require(avcodec.avcodec_open2(codec, decoder, (PointerPointer<?>) null), "cannot be decoded");
    }

    private int require(int result, String complaint) {
        if (result < 0) {
            byte[] text = new byte[avutil.AV_ERROR_MAX_STRING_SIZE];
            avutil.av_strerror(result, text, text.length);
            throw new IllegalArgumentException(source + ": " + complaint + " ("
                    + new String(text, StandardCharsets.UTF_8).strip().replace("\0", "") + ")");
        }
        return result;
    }

    /**
     * Decodes all frames.
     *
     * @param taker takes each, in the order in which they are shown
     * @throws IllegalArgumentException if the file is damaged before its first frame
     */
    void frames(Consumer<RasterImage> taker) {
        int taken = 0;
        while (avformat.av_read_frame(format, packet) >= 0) {
            if (packet.stream_index() == stream && avcodec.avcodec_send_packet(codec, packet) >= 0) {
                taken += receive(taker);
            }
            avcodec.av_packet_unref(packet);
        }
        avcodec.avcodec_send_packet(codec, (AVPacket) null);
        taken += receive(taker);
        if (taken == 0) {
            throw new IllegalArgumentException(source + ": holds no picture that can be decoded");
        }
    }

    private int receive(Consumer<RasterImage> taker) {
        int taken = 0;
        while (avcodec.avcodec_receive_frame(codec, frame) >= 0) {
            taker.accept(image());
            taken++;
        }
        return taken;
    }

    /** The frame in red, green and blue. */
    private RasterImage image() {
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
        if (codec != null) {
            avcodec.avcodec_free_context(codec);
        }
        avutil.av_frame_free(frame);
        avcodec.av_packet_free(packet);
        avformat.avformat_close_input(format);
    }
}

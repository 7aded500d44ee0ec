using Recipes.Data;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

// Classes, depths and boxes as PNG files.
internal static class DensePaint
{
    private const double Sure = 0.3; // the least score of a box that is drawn

    /// <summary>Picture i of a batch, its truth and its prediction.</summary>
    public static DensePicture Paint(Batch batch, Tensor predicted, int i, DenseData data)
    {
        var (height, width) = (data.Height, data.Width);
        var image = Image(batch.Inputs[i], data.Source.Normalization);
        var target = batch.Targets[i];
        (byte[] Truth, byte[] Guess) maps = data.Task switch
        {
            DenseTask.Segmentation => (Classes(target.to(ScalarType.Int64)), Classes(predicted[i].argmax(0))),
            DenseTask.Depth => Depths(target, predicted[i].squeeze(0)),
            _ => (
                Boxes(image, BoxDetection.Truths(batch.Targets)[i], width),
                Boxes(image, DetectedBox.Decode(predicted, (double)height / predicted.shape[2], Sure)[i], width)
            ),
        };
        return new DensePicture(batch.Indices[i], Png(image), Png(maps.Truth), Png(maps.Guess));

        byte[] Png(byte[] rgb) => ImageBytes.ToPng(rgb, width, height);
    }

    private static byte[] Image(Tensor image, Normalization normalization)
    {
        var (values, area) = (image.contiguous().data<float>().ToArray(), (int)(image.shape[1] * image.shape[2]));
        var rgb = new byte[3 * area];
        for (var k = 0; k < rgb.Length; k++)
            rgb[k] = normalization.ToByte(values[k % 3 * area + k / 3], k % 3);
        return rgb;
    }

    private static byte[] Classes(Tensor labels) =>
        [
            .. labels
                .contiguous()
                .data<long>()
                .SelectMany(label =>
                {
                    var (r, g, b) = label == DenseSample.Ignore ? ((byte)0, (byte)0, (byte)0) : PreviewColors.Semantic((int)label);
                    return (byte[])[r, g, b];
                }),
        ];

    // Both with the range of the truth; black where nothing was measured.
    private static (byte[], byte[]) Depths(Tensor truth, Tensor guess)
    {
        var (known, said) = (truth.contiguous().data<float>().ToArray(), guess.to(ScalarType.Float32).contiguous().data<float>().ToArray());
        var measured = known.Where(d => d > 0).DefaultIfEmpty(1).ToList();
        var (near, far) = (measured.Min(), measured.Max());
        return (Grey(known), Grey(said));

        byte[] Grey(float[] depths) =>
            [
                .. depths.SelectMany(d =>
                    Enumerable.Repeat(d <= 0 ? (byte)0 : (byte)Math.Clamp(255 - 225 * (d - near) / Math.Max(far - near, 1e-6f), 20, 255), 3)
                ),
            ];
    }

    // Frames of one pixel in the colour of the class.
    private static byte[] Boxes(byte[] image, IReadOnlyList<DetectedBox> boxes, int width)
    {
        var (rgb, height) = ((byte[])image.Clone(), image.Length / 3 / width);
        foreach (var box in boxes.Reverse())
        {
            var color = PreviewColors.Semantic(1 + box.Label);
            var (left, right) = (Within(box.Left, width), Within(box.Right - 1, width));
            var (top, bottom) = (Within(box.Top, height), Within(box.Bottom - 1, height));
            for (var x = left; x <= right; x++)
            {
                Paint(x, top, color);
                Paint(x, bottom, color);
            }
            for (var y = top; y <= bottom; y++)
            {
                Paint(left, y, color);
                Paint(right, y, color);
            }
        }
        return rgb;

        void Paint(int x, int y, (byte R, byte G, byte B) color)
        {
            var at = 3 * (y * width + x);
            (rgb[at], rgb[at + 1], rgb[at + 2]) = color;
        }

        static int Within(double at, int side) => Math.Clamp((int)Math.Round(at), 0, side - 1);
    }
}

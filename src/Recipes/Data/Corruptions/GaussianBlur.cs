namespace Recipes.Data;

// A Gaussian in two passes, cut at four deviations, the border repeated.
internal static class GaussianBlur
{
    public static void Apply(Span<byte> rgb, int width, int height, double deviation)
    {
        var weights = Weights(deviation);
        var rows = new double[rgb.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0.0;
                    for (var k = 0; k < weights.Length; k++)
                        sum += weights[k] * rgb[3 * (y * width + At(x, k, weights, width)) + c];
                    rows[3 * (y * width + x) + c] = sum;
                }
            }
        }
        for (var y = 0; y < height; y++)
        {
            for (var i = 0; i < 3 * width; i++)
            {
                var sum = 0.0;
                for (var k = 0; k < weights.Length; k++)
                    sum += weights[k] * rows[3 * width * At(y, k, weights, height) + i];
                rgb[3 * width * y + i] = PixelCorruptions.Cut(sum);
            }
        }
    }

    private static int At(int place, int k, double[] weights, int count) => Math.Clamp(place + k - weights.Length / 2, 0, count - 1);

    private static double[] Weights(double deviation)
    {
        var radius = (int)(4 * deviation + 0.5);
        var weights = Enumerable.Range(-radius, 2 * radius + 1).Select(x => Math.Exp(-0.5 * x * x / (deviation * deviation))).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}

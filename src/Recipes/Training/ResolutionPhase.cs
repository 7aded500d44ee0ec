namespace Recipes.Training;

/// <summary>
/// One phase of progressive training (MobileOne sec. 4.1, after EfficientNetV2): from a fraction of training on, images have
/// this size and augmentation this strength.
/// </summary>
/// <param name="From">Fraction of the epochs after which the phase begins, in [0, 1); the first phase begins at 0.</param>
/// <param name="Size">Image side in pixels.</param>
/// <param name="Strength">Multiplier on the augmentation's magnitude, 0 to 1.</param>
public sealed record ResolutionPhase(double From, int Size, double Strength = 1)
{
    /// <summary>
    /// The curriculum of the working reproduction of MobileOne: 5/7, 6/7 and all of the resolution (160, 192, 224), changed after
    /// 37 and 112 of 300 epochs, with 0.3, 0.7 and 1.0 of the augmentation. Sizes are rounded to multiples of 8.
    /// </summary>
    /// <param name="resolution">The final size in pixels.</param>
    public static IReadOnlyList<ResolutionPhase> MobileOne(int resolution = 224) =>
        [new(0, Round(resolution * 5 / 7.0), 0.3), new(37 / 300.0, Round(resolution * 6 / 7.0), 0.7), new(112 / 300.0, resolution)];

    /// <summary>The phase that an epoch falls into; null without phases.</summary>
    /// <param name="phases">Phases by rising start.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="epochs">Epochs of the whole training.</param>
    public static ResolutionPhase? At(IReadOnlyList<ResolutionPhase> phases, int epoch, int epochs) =>
        phases.LastOrDefault(p => (double)epoch / epochs >= p.From - 1e-9);

    private static int Round(double size) => Math.Max(8, (int)Math.Round(size / 8) * 8);
}

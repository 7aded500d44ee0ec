using static TorchSharp.torch;

namespace Recipes.Models;

// What image networks refuse before libtorch does, which would not say whose input it was.
internal static class ImageInput
{
    public static void Check(Tensor input, string network, int channels = 3)
    {
        if (input.dim() != 4 || input.shape[1] != channels || input.numel() == 0)
            throw new RecipesException(
                $"{network}: expected images [B, {channels}, H, W] of at least one pixel, found [{string.Join(", ", input.shape)}]. "
                    + "For one image add the batch with unsqueeze(0); repeat the channel of grey ones."
            );
    }

    public static RecipesException Patches<T>(string network, IReadOnlyList<T> input, long patches, long table) =>
        new(
            $"{network}: the image of {input[2]} x {input[3]} gives {patches} patches, the position table has {table}. Resize the image, or build the spec with another resolution."
        );
}

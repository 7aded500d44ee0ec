using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

// A learned table of the distances between places on one axis.
internal static class RelativePositions
{
    /// <summary>The embedding of the distance of every query to every key.</summary>
    /// <param name="table"><c>[2S-1, d]</c>: distances 1-S to S-1. For another number of places it is interpolated linearly.</param>
    /// <param name="places">T, places on the axis.</param>
    /// <returns><c>[T, T, d]</c> (query, key), in the caller's scope.</returns>
    public static Tensor Of(Tensor table, long places)
    {
        using var scope = NewDisposeScope();
        var distances = 2 * places - 1;
        if (table.shape[0] != distances)
            table = nn
                .functional.interpolate(table.t().unsqueeze(0), [distances], mode: InterpolationMode.Linear, align_corners: false)
                .squeeze(0)
                .t();
        var place = arange(places, device: table.device);
        var index = place.unsqueeze(1) - place.unsqueeze(0) + (places - 1); // [T, T]
        return table.index_select(0, index.flatten()).reshape(places, places, -1).MoveToOuterDisposeScope();
    }
}

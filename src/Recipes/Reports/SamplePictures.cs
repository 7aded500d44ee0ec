using System.Globalization;
using System.Text.Json;
using Recipes.Data;
using Recipes.Display;
using Recipes.Reproductions;

namespace Recipes.Reports;

/// <summary>Test images with what the model said.</summary>
public static class SamplePictures
{
    private const int Side = 96;

    /// <summary>The samples of the last main arm's first seed; null when its images are gone.</summary>
    public static PictureGrid? Of(Results results)
    {
        var arm = results.Arms.Select(name => results[name]).Last(a => !a.Arm.StartsWith("real", StringComparison.Ordinal));
        var run = arm.Runs[0];
        if (run.Samples.Count == 0 || run.Recipe["data"]!["source"].Deserialize<ImageSource>(CanonicalJson.Options) is not { } source)
            return null;
        var images = source.Open(Split.Test);
        var pictures = run.Samples.Select(sample => Show(images, sample)).ToList();
        var right = run.Samples.Count(s => s.Label == s.Predicted);
        return new PictureGrid(
            $"{arm.Arm}, seed {run.Seed}: {right} of {pictures.Count} right. Under each picture what the model says, and the truth where that is something else.",
            pictures
        );
    }

    private static Picture Show(IImageSet images, SamplePrediction sample)
    {
        var rgb = new byte[3 * Side * Side];
        images.Read(sample.Index, Side, rgb);
        var (said, truth) = (images.Classes[sample.Predicted], images.Classes[sample.Label]);
        var probability = sample.Probability.ToString("P0", CultureInfo.InvariantCulture);
        return new Picture(
            ImageBytes.ToPng(rgb, Side, Side),
            $"{said} {probability}",
            said == truth ? "" : "is " + truth,
            said == truth ? Mark.Right : Mark.Wrong,
            $"test image {sample.Index}, {truth}"
        );
    }
}

namespace Recipes.Data;

/// <summary>Every reinforced sample can be read: members, augmentations, captions, embeddings.</summary>
public sealed class ReinforcedSampleCheck : ISampleCheck
{
    /// <inheritdoc/>
    public IEnumerable<SampleProblem> Problems(string source, ShardSample sample)
    {
        if (!sample.Members.Any(m => m.Extension is "paug.json" or "npz" or "pth.gz"))
            return [];
        try
        {
            ReinforcedSample.Read(sample);
            return [];
        }
        catch (RecipesException e)
        {
            return (e.Problems.Count > 0 ? e.Problems : [e.Message]).Select(p => new SampleProblem(
                source,
                sample.Key,
                "reinforced sample cannot be used",
                p
            ));
        }
    }
}

namespace Recipes.Models;

/// <summary>Draws from the fewest tokens whose probabilities reach a sum (nucleus sampling, Holtzman et al., arXiv 1904.09751).</summary>
internal static class Nucleus
{
    /// <summary>One token; of equally likely ones the smaller id stands first.</summary>
    /// <param name="probabilities">Of all tokens, by id.</param>
    /// <param name="topP">The sum, above 0 and at most 1.</param>
    /// <param name="random">Gives one number.</param>
    public static int Draw<T>(ReadOnlySpan<T> probabilities, double topP, ref Rng random)
        where T : struct, System.Numerics.INumber<T>
    {
        // All tokens below this together have less than 1 - topP, so the nucleus is among the others; they are few, and sorting all would be slow.
        var least = T.CreateSaturating((1 - topP) / probabilities.Length * (1 - 1e-4));
        var likely = new List<(double Probability, int Token)>(64);
        for (var token = 0; token < probabilities.Length; token++)
        {
            if (probabilities[token] >= least)
                likely.Add((double.CreateSaturating(probabilities[token]), token));
        }
        likely.Sort((a, b) => a.Probability != b.Probability ? b.Probability.CompareTo(a.Probability) : a.Token.CompareTo(b.Token));
        var (kept, mass) = (0, 0.0);
        do mass += likely[kept++].Probability;
        while (mass < topP && kept < likely.Count);
        var drawn = random.NextDouble() * mass;
        for (var i = 0; i < kept - 1; i++)
        {
            drawn -= likely[i].Probability;
            if (drawn < 0)
                return likely[i].Token;
        }
        return likely[kept - 1].Token;
    }
}

/* Keccak-f[1600], written once for lanes of the type LANE: a number, or a vector of numbers, which permutes so many states
 * at once. keccak.c includes it for each, and names the function in PERMUTE. The 25 lanes stay in local variables, which
 * compilers keep in registers as far as there are any; two rounds stand in the loop, so that the lanes go from one set of
 * names to the other and back without a copy. */

#define ROTATE(lane, by) ((lane) << (by) | (lane) >> (64 - (by)))

/* Lanes are named by row (b g k m s of the standard's reference code) and column (a e i o u). */
#define LANES(set)                                                                                 \
    LANE set##ba, set##be, set##bi, set##bo, set##bu, set##ga, set##ge, set##gi, set##go, set##gu, \
        set##ka, set##ke, set##ki, set##ko, set##ku, set##ma, set##me, set##mi, set##mo, set##mu,  \
        set##sa, set##se, set##si, set##so, set##su

/* One row after theta, rho and pi: the non-linear step chi. */
#define CHI(to, row, lane0, lane1, lane2, lane3, lane4)                                            \
    do {                                                                                           \
        const LANE va = (lane0), ve = (lane1), vi = (lane2), vo = (lane3), vu = (lane4);           \
        to##row##a = va ^ (~ve & vi);                                                              \
        to##row##e = ve ^ (~vi & vo);                                                              \
        to##row##i = vi ^ (~vo & vu);                                                              \
        to##row##o = vo ^ (~vu & va);                                                              \
        to##row##u = vu ^ (~va & ve);                                                              \
    } while (0)

#define ROUND(from, to, constant)                                                                  \
    do {                                                                                           \
        const LANE ca = from##ba ^ from##ga ^ from##ka ^ from##ma ^ from##sa;                      \
        const LANE ce = from##be ^ from##ge ^ from##ke ^ from##me ^ from##se;                      \
        const LANE ci = from##bi ^ from##gi ^ from##ki ^ from##mi ^ from##si;                      \
        const LANE co = from##bo ^ from##go ^ from##ko ^ from##mo ^ from##so;                      \
        const LANE cu = from##bu ^ from##gu ^ from##ku ^ from##mu ^ from##su;                      \
        const LANE pa = cu ^ ROTATE(ce, 1);                                                        \
        const LANE pe = ca ^ ROTATE(ci, 1);                                                        \
        const LANE pi = ce ^ ROTATE(co, 1);                                                        \
        const LANE po = ci ^ ROTATE(cu, 1);                                                        \
        const LANE pu = co ^ ROTATE(ca, 1);                                                        \
        CHI(to, b, from##ba ^ pa, ROTATE(from##ge ^ pe, 44), ROTATE(from##ki ^ pi, 43),            \
            ROTATE(from##mo ^ po, 21), ROTATE(from##su ^ pu, 14));                                 \
        to##ba ^= (constant);                                                                      \
        CHI(to, g, ROTATE(from##bo ^ po, 28), ROTATE(from##gu ^ pu, 20), ROTATE(from##ka ^ pa, 3), \
            ROTATE(from##me ^ pe, 45), ROTATE(from##si ^ pi, 61));                                 \
        CHI(to, k, ROTATE(from##be ^ pe, 1), ROTATE(from##gi ^ pi, 6), ROTATE(from##ko ^ po, 25),  \
            ROTATE(from##mu ^ pu, 8), ROTATE(from##sa ^ pa, 18));                                  \
        CHI(to, m, ROTATE(from##bu ^ pu, 27), ROTATE(from##ga ^ pa, 36),                           \
            ROTATE(from##ke ^ pe, 10), ROTATE(from##mi ^ pi, 15), ROTATE(from##so ^ po, 56));      \
        CHI(to, s, ROTATE(from##bi ^ pi, 62), ROTATE(from##go ^ po, 55),                           \
            ROTATE(from##ku ^ pu, 39), ROTATE(from##ma ^ pa, 41), ROTATE(from##se ^ pe, 2));       \
    } while (0)

/* clang-format off */
static void PERMUTE(LANE s[25])
{
    LANES(x);
    LANES(y);
    xba = s[0];  xbe = s[1];  xbi = s[2];  xbo = s[3];  xbu = s[4];
    xga = s[5];  xge = s[6];  xgi = s[7];  xgo = s[8];  xgu = s[9];
    xka = s[10]; xke = s[11]; xki = s[12]; xko = s[13]; xku = s[14];
    xma = s[15]; xme = s[16]; xmi = s[17]; xmo = s[18]; xmu = s[19];
    xsa = s[20]; xse = s[21]; xsi = s[22]; xso = s[23]; xsu = s[24];

    for (size_t i = 0; i < 24; i += 2) {
        ROUND(x, y, round_constants[i]);
        ROUND(y, x, round_constants[i + 1]);
    }

    s[0] = xba;  s[1] = xbe;  s[2] = xbi;  s[3] = xbo;  s[4] = xbu;
    s[5] = xga;  s[6] = xge;  s[7] = xgi;  s[8] = xgo;  s[9] = xgu;
    s[10] = xka; s[11] = xke; s[12] = xki; s[13] = xko; s[14] = xku;
    s[15] = xma; s[16] = xme; s[17] = xmi; s[18] = xmo; s[19] = xmu;
    s[20] = xsa; s[21] = xse; s[22] = xsi; s[23] = xso; s[24] = xsu;
}
/* clang-format on */

#undef ROTATE
#undef LANES
#undef CHI
#undef ROUND
#undef LANE
#undef PERMUTE

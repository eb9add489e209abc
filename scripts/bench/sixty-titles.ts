// Sixty titles of today that we made up before any model had answered them, with the subreddits that a person would accept.

/** A title and the subreddits that count as right for it; spelt in any case. */
export interface JudgedTitle {
	readonly title: string
	readonly accept: readonly string[]
}

const judged = (title: string, accept: string): JudgedTitle => ({
	title,
	accept: accept.split(' '),
})

export const SIXTY_TITLES: readonly JudgedTitle[] = [
	judged(
		'Elden Ring best starting class for a beginner?',
		'Eldenring EldenRingBuilds fromsoftware BeginnerEldenRing eldenringdiscussion',
	),
	judged(
		'ChatGPT keeps forgetting what I told it earlier in the conversation',
		'ChatGPT OpenAI ChatGPTPro ArtificialInteligence ChatGPTcomplaints ChatGPTPromptGenius',
	),
	judged(
		'AITA for not inviting my sister to my wedding?',
		'AmItheAsshole AITAH AmITheDevil weddingshaming AITA_WIBTA_PUBLIC AmIOverreacting AITAFamily weddingdrama',
	),
	judged(
		'Best beginner telescope under $300',
		'telescopes Astronomy askastronomy Stargazing astrophotography',
	),
	judged(
		'My feet hurt after a day in new hiking boots',
		'hiking hikinggear CampingandHiking backpacking bootfit Ultralight WildernessBackpacking AskHiking BuyItForLife RedWingShoes',
	),
	judged(
		'How do I expose a service in my Kubernetes cluster with an ingress?',
		'kubernetes devops docker selfhosted homelab k3s',
	),
	judged(
		'TIL that honey never spoils',
		'todayilearned wikipedia interestingasfuck Damnthatsinteresting YouShouldKnow',
	),
	judged(
		'Is this mole something to worry about? Should I see a dermatologist?',
		'Dermatology DermatologyQuestions AskDocs Melanoma skin SkincareAddiction HealthAnxiety medical_advice',
	),
	judged(
		'My sourdough starter smells like acetone, is it dead?',
		'Sourdough SourdoughStarter Breadit Baking AskBaking',
	),
	judged(
		'First time drywall repair, how do I hide the seam?',
		'drywall DIY HomeImprovement Plastering homeowners HomeMaintenance',
	),
	judged(
		'Steam Deck OLED or ROG Ally for emulation?',
		'SteamDeck ROGAlly Handhelds SBCGaming EmulationOnSteamDeck',
	),
	judged('Baldur’s Gate 3: which party for honour mode?', 'BaldursGate3 BG3Builds BG3 baldursgate'),
	judged(
		'How do I get over my ex after five years together?',
		'BreakUps ExNoContact heartbreak relationship_advice relationships BreakUp',
	),
	judged(
		'Rust borrow checker error: cannot borrow as mutable more than once',
		'rust learnrust programming learnprogramming',
	),
	judged(
		'What is the difference between useEffect and useMemo in React?',
		'reactjs react learnjavascript javascript webdev Frontend learnreactjs nextjs',
	),
	judged(
		'My landlord wants to keep my deposit for normal wear and tear',
		'Tenant legaladvice renters Renters tenants LegalAdviceUK Apartmentliving Landlord RentersHelp TenantHelp',
	),
	judged(
		'Roth IRA or pay off student loans first?',
		'personalfinance RothIRA StudentLoans financialindependence Fire MiddleClassFinance Bogleheads MoneyDiariesACTIVE FinancialPlanning',
	),
	judged(
		'Why is my monstera getting yellow leaves?',
		'Monstera houseplants plantclinic plants RareHouseplants IndoorGarden houseplantscirclejerk houseplanthelp plantcare',
	),
	judged(
		'When should I plant tomatoes outside in zone 6?',
		'gardening vegetablegardening tomatoes Tomato Gardening101 UrbanGardening',
	),
	judged(
		'My cat fell asleep in the kitchen sink',
		'cats aww Catloaf CatsBeingCats CatsInSinks catpictures cat IllegallySmolCats Catswithjobs blackcats TuxedoCats OneOrangeBraincell CatAdvice',
	),
	judged(
		'Just finished Frieren, what should I watch next?',
		'Frieren anime animesuggest AnimeReccomendations Animesuggest AnimeRecommendations',
	),
	judged(
		'What gravel bike would you buy for commuting?',
		'gravelcycling bikecommuting whichbike bicycling cycling cyclocross xbiking',
	),
	judged(
		'Am I ready to run my first marathon with 40 miles a week?',
		'Marathon_Training running firstmarathon AdvancedRunning runninglifestyle beginnerrunning Marathon BeginnersRunning XXRunning',
	),
	judged(
		'How much protein do I need to build muscle as a woman?',
		'xxfitness GYM nutrition Fitness workout beginnerfitness PetiteFitness GymTips WorkoutRoutines StrongCurves naturalbodybuilding StartingStrength',
	),
	judged(
		'Ozempic side effects in the first week',
		'Ozempic Semaglutide WegovyWeightLoss OzempicForWeightLoss Mounjaro SemaglutideFreeSpeech Zepbound GLP1',
	),
	judged(
		'Long covid fatigue after two years, has anything helped?',
		'covidlonghaulers LongCovid cfs mecfs COVID19positive LongCovidWarriors',
	),
	judged(
		'Just got diagnosed with ADHD at 35',
		'ADHD adhdwomen ADHD_Adulting adhd_anxiety ADHDmemes AdultADHDSupportGroup ADHDers adhd_college',
	),
	judged(
		'Day 30 without alcohol',
		'stopdrinking alcoholism SoberCurious Sober alcoholicsanonymous sobrietyandrecovery dryalcoholics cutdowndrinking',
	),
	judged(
		'My baby wakes up every hour at night, four month sleep regression?',
		'NewParents sleeptrain newborns beyondthebump Mommit daddit Parenting BabyBumps breastfeeding AttachmentParenting',
	),
	judged(
		'How do I stop my puppy from biting my hands?',
		'puppy101 dogs Dogtraining DogAdvice puppies OpenDogTraining Dogowners dog',
	),
	judged(
		'Which mechanical keyboard switches are the quietest?',
		'MechanicalKeyboards keyboards CustomKeyboards BudgetKeebs mechmarket MechKeyboards ErgoMechKeyboards',
	),
	judged(
		'RTX 5070 or RX 9070 XT for 1440p gaming?',
		'buildapc radeon nvidia pcmasterrace PcBuild buildapcforme gpu PcBuildHelp pcgaming AMDHelp graphicscard',
	),
	judged(
		'My 3D print is stringing with PETG',
		'3Dprinting FixMyPrint ender3 prusa3d BambuLab 3dprinter BambuLabA1 3Dprintmything 3dprint 3DPrinting_PHA',
	),
	judged(
		'Self-hosting my photos with Immich on a Raspberry Pi',
		'selfhosted immich homelab homeserver degoogle raspberry_pi HomeServer raspberryDIY DataHoarder',
	),
	judged(
		'Which Home Assistant dashboard do you use on a wall tablet?',
		'homeassistant homeautomation smarthome',
	),
	judged(
		'How do I season a cast iron pan?',
		'castiron Cooking cookware carbonsteel CastIronRestoration CastIronCooking castironcooking AskCulinary',
	),
	judged(
		'I made ramen from scratch with a 24 hour broth',
		'ramen food FoodPorn Cooking JapaneseFood tonightsdinner noodles recipes',
	),
	judged(
		'My espresso tastes sour, should I grind finer?',
		'espresso Coffee pourover BaristaHelp barista gaggiaclassic sageespresso DeLonghi superautomatic CoffeeGeeks',
	),
	judged(
		'First tattoo, is this artist’s line work good?',
		'tattoos tattoo TattooDesigns agedtattoos tattooadvice shittytattoos TattooArtists tattooartists',
	),
	judged(
		'What should I pack for two weeks in Japan in spring?',
		'JapanTravel JapanTravelTips travel onebag TravelHacks HerOneBag solotravel Japantravel',
	),
	judged(
		'Moving to Berlin with a job offer, how do I find a flat?',
		'berlin germany askberlin Berlin expats AskAGerman IWantOut berlinsocialclub expat',
	),
	judged(
		'Northern lights over Iceland last night',
		'Iceland aurora VisitingIceland northernlights EarthPorn pics NatureIsFuckingLit astrophotography skyporn AuroraBorealis SkyPorn',
	),
	judged(
		'What is the strangest thing a stranger ever said to you?',
		'AskReddit ask Casual_Conversation CasualConversation NoStupidQuestions AskMen AskWomen randomquestions AskOldPeople ask_',
	),
	judged(
		'Why do cats knead blankets?',
		'CATHELP cats NoStupidQuestions CatAdvice explainlikeimfive cat AskVet whatsthisanimal catbehavior',
	),
	judged(
		'ELI5: how do noise-cancelling headphones work?',
		'explainlikeimfive HeadphoneAdvice headphones explainlikeIAmA',
	),
	judged(
		'Unpopular opinion: pineapple belongs on pizza',
		'unpopularopinion Pizza The10thDentist PizzaCrimes onionhate food',
	),
	judged(
		'My boss wants me to come back to the office five days a week',
		'antiwork remotework work WorkReform jobs careerguidance workfromhome WFHJobs WFH OfficePolitics',
	),
	judged(
		'Should I leave my software job for a startup?',
		'cscareerquestions ExperiencedDevs careerguidance startups careeradvice SoftwareEngineering developersIndia cscareers cscareerquestionsEU startup salary',
	),
	judged(
		'How do I bring a character back after a long absence in my novel?',
		'writing writers writingadvice fantasywriters KeepWriting worldbuilding WritingHub characterwriting',
	),
	judged(
		'Books like Project Hail Mary?',
		'suggestmeabook booksuggestions ProjectHailMary printSF scifi books sciencefiction ScienceFictionBooks andyweir sciencefictionbooks',
	),
	judged(
		'How many tracks do you use when you mix drums?',
		'mixingmastering audioengineering musicproduction WeAreTheMusicMakers drums Logic_Studio ableton HomeStudio recording FL_Studio edmproduction homerecording',
	),
	judged(
		'Which Warhammer 40k army should a beginner paint?',
		'Warhammer40k Warhammer minipainting WarhammerCompetitive Warhammer40kNewbies Warhammer30k spacemarines',
	),
	judged(
		'My D&D players always split the party',
		'DnD DMAcademy dndnext DungeonsAndDragons dndmemes rpg DungeonMasters AskDM DnDBehindTheScreen',
	),
	judged(
		'Is this Pokémon card real or fake?',
		'IsMyPokemonCardFake PokemonTCG PokeInvesting pokemoncards pokemoncardcollectors PokemonCardValue PokemonTCGDeals pkmntcgcollections pkmntcg',
	),
	judged(
		'What should I play against the Sicilian defence?',
		'chess chessbeginners chessopenings TournamentChess Chesscom AnarchyChess',
	),
	judged(
		'Verstappen wins in the rain from tenth on the grid',
		'formula1 F1 F1Technical formuladank GrandPrixRacing RedBullF1 MaxVerstappen formula1gifs',
	),
	judged(
		'Tesla Model Y charging at home: which wall connector?',
		'TeslaModelY evcharging TeslaLounge electricvehicles ModelY TeslaSupport teslamotors RealTesla TeslaCharging',
	),
	judged(
		'Grinding noise when I brake, how urgent is it?',
		'MechanicAdvice Cartalk AskMechanics carrepair askcarguys Justrolledintotheshop CarTalkUK mechanic Brakes AskAMechanic',
	),
	judged(
		'Bitcoin just fell ten percent in an hour',
		'Bitcoin CryptoCurrency BitcoinBeginners CryptoMarkets btc BitcoinMarkets Crypto cryptocurrency CryptoCurrencyTrading',
	),
	judged(
		'Was verdient man als Programmierer in Berlin?',
		'de_EDV InformatikKarriere berlin arbeitsleben Finanzen germany FragReddit de informatik Studium gehalt Azubis',
	),
]
